package librarytest

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Library is one generated library.
type Library struct {
	Layout Layout
	// Docs are the documents of each collection, by the collection's name, in the order of insertion.
	Docs  map[string][]bson.D
	Roots []Root
	// Missing are the file records whose file is not on disk. Virtual files, which have no file, are none of them.
	Missing []Gone
	// Planted is how often each kind of damage was made, by a name for a person.
	Planted map[string]int
	files   []File
}

// Root is one root directory, as recorded and as WriteFiles lays it out.
type Root struct {
	ID   any    // its _id in directory_records
	Path string // as recorded, such as /library/photos or D:/Photos
	Rel  string // the folder below WriteFiles' dir that holds its files
}

// File is one regular file that exists on disk.
type File struct {
	Rel  string // slash-separated, below WriteFiles' dir
	Size int64  // bytes
}

// Gone is a file record whose file does not exist.
type Gone struct {
	ID   any
	Path string // as recorded
}

// Files are the files that exist on disk; some have no record, and some records have no file.
func (l Library) Files() []File { return l.files }

// Raw is the library's documents as a database stores them, for the oracles.
func (l Library) Raw() Docs { return Raw(l.Docs) }

// Size is a preset of Options.
type Size int

const (
	// Tiny is 10 to 60 files with all dirt, for hundreds of seeds; some collections are empty, and for one seed in 25
	// all are.
	Tiny Size = iota
	// Demo is 3,000 files below 3 roots with known damage: at least one of every kind of dangling reference.
	Demo
)

// Options tune a library. The zero value is an empty database of layout UCoreFS.
type Options struct {
	Layout                                Layout
	Prefix                                string // what the roots' recorded paths begin with, such as /library
	Roots, Directories, Files             int    // directories without the roots; a Shop's customers and orders
	Tags, Albums, SmartAlbums, Embeddings int    // embeddings are the files that have one; a Shop's coupons are its tags
	Relations, Detections, Jobs           int    // jobs are of annotation
	Tasks, Journal                        int
	// Dirt is the chance, 0 to 1, that one record or field is dirty; 0 gives a clean library.
	Dirt float64
	// OddIDs is the chance that an _id is text or a number instead of an ObjectID.
	OddIDs float64
	// Drift is the chance that one counter, or one file's mirror of the albums, is not what it should be.
	Drift float64
	// Missing is the chance that a file with a record is not on disk.
	Missing float64
	// Virtual is the chance that a file record says is_virtual; only UCoreFS has such files.
	Virtual float64
	// ClipDimension is the length of clip's vectors; 512 in a real library, and the default.
	ClipDimension int
	// OneOfEach makes at least one dangling reference in every field that refers, whatever chance did.
	OneOfEach bool
	// Windows records one of several roots as a Windows drive.
	Windows bool
	// Heartbeat adds app_activity, whose one client has been idle for a day. No application writes it by itself.
	Heartbeat bool
	// MongoDBOnly adds what FerretDB 1 cannot store, and drops the connection over: NaN and infinity in sizes and
	// vectors, and smart queries with operators, patterns and dates.
	MongoDBOnly bool
	// Now is the time that ages are counted from; zero: DefaultNow.
	Now time.Time
}

// DefaultNow is the time at which a generated library ends, unless Options say otherwise.
var DefaultNow = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// Generate is the library of a seed in one of the preset sizes, in layout UCoreFS.
func Generate(seed int64, size Size) Library { return UCoreFS.Generate(seed, size) }

// Generate is the library of a seed in one of the preset sizes.
func (l Layout) Generate(seed int64, size Size) Library {
	o := TinyOptions(seed)
	if size == Demo {
		o = DemoOptions()
	}
	o.Layout = l
	return GenerateWith(seed, o)
}

// DemoOptions are the options of Demo, for layout UCoreFS.
func DemoOptions() Options {
	return Options{
		Prefix: "/library", Roots: 3, Directories: 57, Files: 3000,
		Tags: 40, Albums: 8, SmartAlbums: 4, Embeddings: 200, ClipDimension: 32, Relations: 60, Detections: 80, Jobs: 6,
		Tasks: 200, Journal: 200, Dirt: 0.03, OddIDs: 0.01, Drift: 0.4, Missing: 0.008, Virtual: 0.01, OneOfEach: true,
	}
}

// TinyOptions are the options of Tiny for a seed, for layout UCoreFS.
func TinyOptions(seed int64) Options {
	if seed%25 == 24 {
		return Options{}
	}
	r := newRand(seed, 1)
	return Options{
		Prefix: "/library", Roots: 1 + r.IntN(3), Directories: r.IntN(12), Files: 10 + r.IntN(51),
		Tags: r.IntN(9), Albums: r.IntN(6), SmartAlbums: r.IntN(4), Embeddings: r.IntN(7),
		Relations: r.IntN(9), Detections: r.IntN(9), Jobs: r.IntN(3), Tasks: r.IntN(20), Journal: r.IntN(20),
		Dirt: 0.1 + 0.3*r.Float64(), OddIDs: 0.4 * r.Float64(), Drift: r.Float64(), Missing: 0.2 * r.Float64(),
		Virtual: 0.1 * r.Float64(), ClipDimension: 8, Windows: r.IntN(3) == 0, Heartbeat: r.IntN(3) == 0,
	}
}

// GenerateWith is the library of a seed with options of one's own.
func GenerateWith(seed int64, o Options) Library {
	if o.Now.IsZero() {
		o.Now = DefaultNow
	}
	if o.ClipDimension == 0 {
		o.ClipDimension = 512
	}
	g := newGenerator(seed, o)
	g.spec.generate(g)
	if o.OneOfEach {
		g.oneOfEach()
	}
	g.counters()
	return g.library()
}
