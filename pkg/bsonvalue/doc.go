// Package bsonvalue is BSON values as Go can compare and collect them: a Value equals another where MongoDB finds the
// two equal, an ID is the Value of an _id or of a reference to one, and an IDSet holds many.
//
// It is pure: it must not know a server, a collection, or the layout of a library.
package bsonvalue
