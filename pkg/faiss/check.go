package faiss

import "fmt"

// checkIndex reads the index back from the disk and compares it with what was added: the count, the dimension, a search
// for a sample of the vectors, and the digest of all vectors with their ObjectIDs.
func (b *Build) checkIndex() (Index, error) {
	h, err := b.disk.Open(b.place.index(temporaryName))
	if err != nil {
		return Index{}, err
	}
	defer h.Close()
	var content Content
	index, err := readIndexFile(h, func(position int64, unit []float32) {
		b.sample.search(position, unit)
		if position < b.Count() {
			content.Add(b.ids.at(position), unit)
		}
	})
	if err != nil {
		return index, at(b.place.index(temporaryName), err)
	}
	if index.Count != b.Count() || index.Dimension != b.writer.dimension {
		return index, fmt.Errorf("check the index: it has %d vectors of dimension %d, not %d of %d", index.Count,
			index.Dimension, b.Count(), b.writer.dimension)
	}
	if err := b.sample.verdict(); err != nil {
		return index, at(b.place.index(temporaryName), err)
	}
	if content.Sum() != b.content.Sum() {
		return index, &DamagedError{Path: b.place.index(temporaryName), What: "its vectors are not those that were written"}
	}
	return index, nil
}

// checkSidecar reads the sidecar back from the disk and compares it with what was written.
func (b *Build) checkSidecar(want Sidecar) error {
	h, err := b.disk.Open(b.place.sidecar(temporaryName))
	if err != nil {
		return err
	}
	defer h.Close()
	same := true
	got, err := ReadSidecar(h, func(id int64, object ObjectID) {
		same = same && id < b.Count() && b.ids.at(id) == object
	})
	if err != nil {
		return at(b.place.sidecar(temporaryName), err)
	}
	if got != want || !same {
		return &DamagedError{Path: b.place.sidecar(temporaryName), What: "it is not what was written"}
	}
	return nil
}
