package admin

import "go.mongodb.org/mongo-driver/v2/bson"

// Total is what an answer of serverStatus counts.
func Total(status bson.Raw) (n int64, commands, known bool) { return total(status) }

// Forget lets the meter believe that another server answered before.
func (m *Meter) Forget(server string) { m.last.server = server }
