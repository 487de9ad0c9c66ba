// A file system that takes its time, for a benchmark and nothing else: a module of its own, since nothing here needs FUSE.
module ucorefs.io/maintenance/hack/bench/slowdisk

go 1.26.7

require (
	github.com/hanwen/go-fuse/v2 v2.12.1
	ucorefs.io/maintenance v0.0.0
)

require (
	go.mongodb.org/mongo-driver/v2 v2.10.0 // indirect
	golang.org/x/sys v0.50.0 // indirect
	golang.org/x/text v0.44.0 // indirect
)

replace ucorefs.io/maintenance => ../../..
