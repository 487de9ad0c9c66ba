// Package driver is how the packages below pkg/mongodb reach the connection of a Reader, and how nobody else does: what
// asks for a Key cannot be called from elsewhere, since only they can name one.
package driver

// Key opens a Reader's connection.
type Key struct{}
