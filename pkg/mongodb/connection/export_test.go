package connection

import "go.mongodb.org/mongo-driver/v2/bson"

// Weigh is how a command is counted.
func Weigh(name string, command bson.Raw) (commands, statements int64) {
	o := weigh(name, command)
	return o.Commands, o.Statements
}
