// Package bench measures the tasks that read all file_records, on a clean library of BENCH_FILES files: the commands
// that a run sends, the heap that it takes, and its time beside a bare loop over the same documents. The README has the
// figures.
//
// It is tests and benchmarks only, and must not depend on how a task does its work: it sees what crosses the wire. A
// task that reads all files belongs into subjects, or has a benchmark of its own that the README names.
package bench
