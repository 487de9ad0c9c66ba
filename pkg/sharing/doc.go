// Package sharing divides the reading of a large collection among the processes of one run. The leader holds the run's
// lock: it cuts the collection into ranges of _id, merges what was found in all of them, and alone goes on with that.
// The helpers read ranges and store what they find, as the leader does, too. A process that dies loses its claim on a
// range after a while, and another one reads that range again; a leader that takes the place of one that died goes on
// with what is stored.
//
// What is found in a range the task encodes; it is bytes here. The package must not write to the library, nor decide
// what is read.
package sharing
