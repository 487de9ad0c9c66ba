// Package pathhash hashes paths part by part, so that the files in a folder share the work for its name.
//
// The hash is FNV-1a, which is the same in every run, and no defense against names that were chosen to collide: whoever
// uses it has to bear two paths with one hash.
package pathhash

// Hash is the hash of a path, or of its beginning.
type Hash uint64

// Start is the hash of nothing.
const Start Hash = 14695981039346656037

const prime = 1099511628211

// Of is the hash of a path.
func Of(path string) Hash { return With(Start, path) }

// With is the hash of what h is the hash of with a text behind it.
func With[T string | []byte](h Hash, text T) Hash {
	for i := range len(text) {
		h = (h ^ Hash(text[i])) * prime
	}
	return h
}
