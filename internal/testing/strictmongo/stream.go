package strictmongo

import (
	"encoding/binary"
	"net"
	"sort"

	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// elements are documents as the elements of an array, all under the key 0, which no driver reads.
type elements struct {
	bytes []byte
	ends  []int
}

// of are the elements from one document to another.
func (e *elements) of(from, to int) []byte {
	if from == to {
		return nil
	}
	begin := 0
	if from > 0 {
		begin = e.ends[from-1]
	}
	return e.bytes[begin:e.ends[to-1]]
}

// upTo is how many documents from one on a message may hold, at most n.
func (e *elements) upTo(from, end int, n int64) int {
	to := from + int(min(int64(end-from), n))
	size := func(i int) int { return len(e.of(from, from+i)) }
	most := sort.Search(to-from, func(i int) bool { return size(i+1) > MaxDocument })
	return from + min(to-from, max(most, 1))
}

// stream is next of a replay's cursor.
func (r *request) stream(c *cursor, field string, size, id int64) {
	to := c.prepared.upTo(c.at, c.end, size)
	list := c.prepared.of(c.at, to)
	r.documents = to - c.at
	c.at = to
	id = r.keep(c, id, c.at == c.end)
	r.streamed = streamed(field, c.namespace, list, id)
}

// streamed is the answer with a list of elements, of which none is copied.
func streamed(field, namespace string, list []byte, id int64) net.Buffers {
	_, head := bsoncore.AppendDocumentStart(nil)
	cursor, head := bsoncore.AppendDocumentElementStart(head, "cursor")
	array, head := bsoncore.AppendArrayElementStart(head, field)
	tail := bsoncore.AppendInt64Element([]byte{0}, "id", id)
	tail = append(bsoncore.AppendStringElement(tail, "ns", namespace), 0)
	inCursor := len(tail)
	tail = append(bsoncore.AppendDoubleElement(tail, "ok", 1), 0)
	for at, end := range map[int32]int{0: len(tail), cursor: inCursor, array: 1} {
		binary.LittleEndian.PutUint32(head[at:], uint32(len(head)-int(at)+len(list)+end))
	}
	return net.Buffers{head, list, tail}
}
