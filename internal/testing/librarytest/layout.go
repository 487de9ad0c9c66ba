package librarytest

import "slices"

// Layout is how one application stores its library. The zero value is the desktop application's.
type Layout int

const (
	// UCoreFS is the desktop application's layout.
	UCoreFS Layout = iota
	// Web is the web application's layout.
	Web
	// Shop is no media library: customers, orders, lines and coupons, for tests of a declaration that is neither.
	Shop
)

func (l Layout) String() string { return l.spec().name }

// Collections are the names of all collections of the layout, in the order of insertion.
func (l Layout) Collections() []string { return slices.Clone(l.spec().collections) }

// spec is what the generator and the oracles know of a layout.
type spec struct {
	name        string
	collections []string // in the order of insertion
	references  []Reference
	counters    []counters
	lengths     []length
	mirrors     []mirror
	vectors     func(docs Docs, found *foundVectors)
	expiring    []expiring
	recount     func(r recount)
	generate    func(g *generator)
}

// counters are the counting fields of one collection.
type counters struct {
	collection string
	fields     []string
}

// length is a field that holds the length of a list, which the cleanup keeps right when it shortens the list. A
// document whose field unless is true has none.
type length struct{ collection, list, field, unless string }

// mirror is an array that repeats what lists say: field of a document in collection holds the _id of every document
// in of that has the former's _id in list. A document whose field unless is true takes no part.
type mirror struct{ collection, field, of, list, unless string }

// expiring is a collection whose documents are deleted once they are old.
type expiring struct {
	collection, time string
	status           string   // the field that says whether a document may go; "" where all may
	finished         []string // the statuses that may go
	journal          bool     // whether the journal's retention counts, and not that of the tasks
}

func (l Layout) spec() spec {
	switch l {
	case Web:
		return web()
	case Shop:
		return shop()
	}
	return ucorefs()
}

// Names of collections that more than one layout has.
const (
	fileRecords        = "file_records"
	directoryRecords   = "directory_records"
	tags               = "tags"
	albums             = "albums"
	relations          = "relations"
	detectionClasses   = "detection_classes"
	detectionInstances = "detection_instances"
	annotationJobs     = "annotation_jobs"
	annotationRecords  = "annotation_records"
	rules              = "rules"
)
