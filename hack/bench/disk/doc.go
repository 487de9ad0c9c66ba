// Package disk measures what walks and cleanings cost beside GNU find, on a disk of DISK_FILES files in memory and on
// the disk of the temporary folder. The README in hack/bench has the figures.
//
// It is benchmarks only, and must not need a database.
package disk
