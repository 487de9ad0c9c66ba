// Package faiss writes and reads the vector index files of UCore FS: for each provider an IndexIDMap2 over an
// IndexFlatIP, byte by byte as FAISS 1.7.3 writes it, and a sidecar that maps the index's ids to ObjectIDs.
//
// It is pure Go and knows no database. Vectors are streamed; what is held in memory is 12 bytes for each vector: its
// ObjectID. It must never replace an index by one that was not read back and checked, nor touch anything outside the
// index folder.
//
// # The folder
//
//	clip.faiss                 -> clip.generations/current/clip.faiss
//	clip.ids                   -> clip.generations/current/clip.ids
//	clip.generations/current   -> 00000042
//	clip.generations/00000042/clip.faiss, clip.ids    the present generation
//	clip.generations/00000041/clip.faiss, clip.ids    the one before
//
// A generation is a folder that holds an index and the sidecar that belongs to it. It is written under a temporary
// name, synced, checked, renamed, and becomes the present one by replacing the one link current; its files never change
// again. (It is how Kubernetes publishes a ConfigMap's files.) The present generation and the one that it replaced
// stay. To go back by hand, point current at the one before. A plain clip.faiss that another program wrote is kept,
// once, in clip.generations/before. The file system must have symbolic links and hard links.
//
// A folder is a generation if its name is the number in its sidecar and it holds nothing else; any other folder stays,
// and so do whatever is mounted and every file that has none of these names.
//
// The file maintenance-note.json is for whoever writes the indexes, see Note.
//
// A run that is killed leaves the folder temporary or outgoing, or a generation that current does not lead to; readers
// see none of them, and the next Build removes them.
//
// # How to read
//
// A reader that needs the index only may open clip.faiss: it always is a whole index. A reader that needs both must
//
//  1. read the link clip.generations/current, once, and open both files in the folder that it names;
//  2. begin again at 1 where one of them is not there: two newer generations came meanwhile.
//
// Folder.Read does that.
//
// It then has two files of one generation, and the SHA-256 of the index in the sidecar says so. Opening clip.faiss and
// then clip.ids is not enough: current may change between the two, and only that digest would tell.
//
// # The index file
//
// All numbers are little-endian. A header is int32 dimension, int64 vectors, int64 1<<20 twice, uint8 1 (trained),
// int32 0 (inner product).
//
//	"IxM2" header "IxFI" header
//	uint64 floats, then the vectors, float32 each, of length 1
//	uint64 ids, then the ids, int64 each: 0, 1, 2, ... in the order of the vectors
//
// # The sidecar
//
//	offset 0   8 bytes   "UCFSIDS" and a zero byte
//	       8   uint32    version of this format: 1
//	      12   uint32    dimension
//	      16   uint64    generation
//	      24   uint64    count of ids
//	      32   32 bytes  SHA-256 of the index file
//	      64   32 bytes  digest of the content, see Content
//	      96   12 bytes  for each id from 0 on: the ObjectID that it stands for
//	     end   32 bytes  SHA-256 of all the bytes before
//
// So the ObjectID of the id i is the 12 bytes at 96 + 12·i.
package faiss

// ObjectID is a MongoDB ObjectID.
type ObjectID [12]byte

// Endings of the two files of a generation.
const (
	IndexSuffix   = ".faiss"
	SidecarSuffix = ".ids"
)
