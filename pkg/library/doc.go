// Package library is what a library is, declared as data: which collections it has, which fields refer to which
// collection and what becomes of a reference that leads nowhere, which counters and mirrors are derived from what,
// which records are of files, where vectors are, what expires, and which documents show that the library is in use.
//
// A declaration is a YAML file: ucorefs.yaml and ucorefs-web.yaml are built in, anybody may write a third;
// docs/library.md explains each word. Read checks it as a whole before anything uses it. The package reads no database
// and no disk; it looks at documents that it is given (Where.Matches), and decides nothing about them. A task must take
// every name from a Library and never write one as a literal.
package library
