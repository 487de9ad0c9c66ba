package library

// Library is one declared library. It is read once, checked as a whole, and never changed.
type Library struct {
	Name        string
	Recognize   Recognize
	Collections []Collection
	References  []Reference
	Counters    []Counter
	Mirrors     []Mirror
	Files       *Files // nil: no records of files on disk
	Vectors     *Vectors
	Expiring    []Expiring
	Busy        []Busy
	FileTypes   *FileTypes
	Incomplete  *Incomplete
	Indexes     []CollectionIndexes
	// Digest is the hex SHA-256 of the declaration's text: what is remembered under one declaration is nothing under
	// another.
	Digest string
}

// Recognize says by which collections a library of this kind is found in a database.
type Recognize struct {
	Any    []string // at least one exists
	Unique []string // in no other layout
}

// Collection is a collection of the library; Noun is what its counts are named after, such as files in filesScanned.
type Collection struct{ Name, Noun string }

// Field is a field at the top of the documents of a collection. List tells that it holds a list.
type Field struct {
	Collection, Name string
	List             bool
}

func (f Field) String() string {
	if f.List {
		return f.Collection + "." + f.Name + "[]"
	}
	return f.Collection + "." + f.Name
}

// Action is what cleanup-orphaned-records does with a reference that leads nowhere, and with one whose document is
// deleted.
type Action int

// The actions. The zero Action changes nothing.
const (
	Report Action = iota // leave it as it is
	Pull                 // take the element out of the list
	Clear                // set the field to null
	Delete               // delete the document that refers
)

// Reference is a field that holds ids of documents. It is broken where none of the To collections has the document.
type Reference struct {
	From     Field
	To       []string
	Dangling Action
	Counts   string // the noun of its counts: tag in brokenTagRefs and tagRefsRemoved
}

// Counter is a number that is derived from other fields. Exactly one of Count, Sum, Length and Matching is set.
type Counter struct {
	Field Field
	Where Where // which documents of its collection have it; empty: all
	// Count are reference fields: the number of documents in which one of them holds the counter's document.
	Count []Field
	// Sum adds up a field, in bytes for example, of the documents whose By refers to the counter's document.
	Sum, By Field
	// Of selects the documents that Count and Sum are about; empty: all.
	Of Where
	// Below is the field by which the counter's own documents nest: Count and Sum then take in all that lies below. Zero:
	// direct.
	Below Field
	// Length is a list in the same document.
	Length Field
	// Matching is a query that the same document stores; the number of documents of In that match.
	Matching Field
	In       string
}

// Mirror is a list that says which documents list this one.
type Mirror struct {
	Field Field // the list to keep right
	Of    Field // the list that is authoritative
	Where Where // which documents of Of's collection count; empty: all
}

// Files are the records of files on disk.
type Files struct {
	Collection string
	Path       string // the field with the file's path
	Without    Where  // records that have no file; empty: none
	Roots      *Roots // nil: the library does not record its roots
}

// Roots are the folders that hold the library's files, as it records them itself.
type Roots struct {
	Collection string
	Path       string
	Where      Where
}

// Vectors are where embeddings are stored.
type Vectors struct {
	// Sources in order: of two that have a vector of the same file and provider, the first wins.
	Sources []VectorSource
	// Dimensions are how many numbers a provider's vectors have, where that is fixed.
	Dimensions map[string]int
}

// VectorSource is one place in which vectors are. Either Providers names a map from provider to a document with the
// vector, or Provider the field that names the provider of the document's one vector.
type VectorSource struct {
	Collection string
	File       string // the field that refers to the file; _id where the document is the file's own record
	Providers  string
	Provider   string
	Vector     string
	// Changed is the field with the time at which the vector was written, beside Vector; empty: nothing tells.
	Changed string
}

// Expiring are documents that may be deleted when they are old enough.
type Expiring struct {
	Collection string
	Where      Where  // which may; empty: all
	Since      string // the field with the time from which the age counts
	Keep       string // the parameter that says how long: KeepTasks or KeepJournal; empty: Days counts
	Days       int
}

// The parameters that an Expiring may name.
const (
	KeepTasks   = "task-retention-days"
	KeepJournal = "journal-retention-days"
)

// Busy is a sign of use: a document that matches Where and changed within the threshold.
type Busy struct {
	Collection string
	Where      Where
	Since      []string // the fields with a time; the latest counts
}

// FileTypes is how the type of a file follows from its extension.
type FileTypes struct {
	Field     Field
	Unknown   string            // the value that is replaced
	Extension string            // the field with the extension, without a dot
	Types     map[string]string // the type of an extension, which is in lower case
}

// Incomplete are records that the application must process once more, and how it is told.
type Incomplete struct {
	Collection string
	Where      Where
	Set        []Assignment
	Queue      Queue
}

// Assignment is a field and the value that it gets: nil, bool, int64, float64, string, []any or Document.
type Assignment struct {
	Field string
	Value any
}

// Document is an ordered document.
type Document []Assignment

// Queue is where the application looks for work.
type Queue struct {
	Collection string
	IDs        string // the field that holds the ids, in a text joined by commas
	Most       int    // ids in one document
	Where      Where  // documents that are waiting already
	// Document is what is added. In its texts {ids} stands for the ids joined by commas and {count} for how many; a text
	// that is {now} becomes the time in Unix seconds.
	Document Document
}

// Noun is the noun of a declared collection, else its name.
func (l Library) Noun(collection string) string {
	for _, c := range l.Collections {
		if c.Name == collection {
			return c.Noun
		}
	}
	return collection
}

// Names are the names of all declared collections, in the order of the declaration.
func (l Library) Names() []string {
	names := make([]string, len(l.Collections))
	for i, c := range l.Collections {
		names[i] = c.Name
	}
	return names
}

// HoldsFiles tells whether the records of files are in a collection.
func (l Library) HoldsFiles(collection string) bool {
	return l.Files != nil && l.Files.Collection == collection
}

// ReferencesTo are the references that may lead into a collection.
func (l Library) ReferencesTo(collection string) (refs []Reference) {
	for _, r := range l.References {
		for _, to := range r.To {
			if to == collection {
				refs = append(refs, r)
			}
		}
	}
	return refs
}
