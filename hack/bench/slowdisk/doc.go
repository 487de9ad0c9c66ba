// Package slowdisk measures walks on a disk that takes a set time for each call, as one behind a network does, beside
// GNU find. The disk is a FUSE file system in memory. The README in hack/bench has the figures.
//
// It is benchmarks only, and must not need a database.
package slowdisk
