// Package connection is the way to one MongoDB-compatible server: it checks the connection string, connects, tries
// again while the server is away, says what is wrong in errors that tell a person what to do, and finds out once, in
// Facts, what the server is and how it differs from others.
//
// It reads and writes no document, and must never print a connection string, nor put a part of one into an error.
package connection
