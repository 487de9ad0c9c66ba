package mongodb

import (
	"bytes"
	"encoding/binary"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// batch is the documents that a server sent at a time: copies in a memory of its own, or those in the server's answer.
type batch struct {
	bytes  []byte
	starts []int    // of the documents in bytes
	at     Position // behind the last of them, in a scan by pages
	copies []byte
}

func (b *batch) reset() {
	b.bytes, b.starts, b.at, b.copies = nil, b.starts[:0], Position{}, b.copies[:0]
}

func (b *batch) len() int { return len(b.starts) }

// add copies a document.
func (b *batch) add(doc bson.Raw) {
	b.starts = append(b.starts, len(b.copies))
	b.copies = append(b.copies, doc...)
	b.bytes = b.copies
}

// adopt has an empty batch be the documents of a list, which is not copied. It is false where the list has anything
// else.
func (b *batch) adopt(list bson.RawArray) bool {
	const head, least = 4, 5 // the length before a list's elements; a document without elements
	b.bytes = list
	for at := head; at < len(list)-1; {
		key := bytes.IndexByte(list[at:], 0)
		start := at + key + 1
		if key < 1 || bson.Type(list[at]) != bson.TypeEmbeddedDocument || start+least > len(list) {
			return false
		}
		size := int(binary.LittleEndian.Uint32(list[start:]))
		if size < least || size > len(list)-start {
			return false
		}
		b.starts = append(b.starts, start)
		at = start + size
	}
	return true
}

// doc is the i-th document.
func (b *batch) doc(i int) bson.Raw {
	doc := b.bytes[b.starts[i]:]
	size := binary.LittleEndian.Uint32(doc)
	return bson.Raw(doc[:size:size])
}

// each gives the documents to do, in order.
func (b *batch) each(do func(bson.Raw) error) error {
	for i := range b.starts {
		if err := do(b.doc(i)); err != nil {
			return err
		}
	}
	return nil
}

// idType is the type of the i-th document's _id, which servers put first.
func (b *batch) idType(i int) bson.Type {
	const kind, name = 4, "_id\x00" // behind the length
	if doc := b.doc(i); len(doc) > kind+len(name) && string(doc[kind+1:kind+1+len(name)]) == name {
		return bson.Type(doc[kind])
	}
	return b.id(i).Type
}

func (b *batch) id(i int) bson.RawValue { return b.doc(i).Lookup("_id") }
