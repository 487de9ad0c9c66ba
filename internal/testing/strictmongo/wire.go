package strictmongo

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/wiremessage"
)

// client is whoever is at the other end of a connection.
type client struct {
	address    string // where it came to
	privileges []Privilege
	appName    string
	gone       chan struct{}
}

// message is one that was read: OP_MSG, or OP_QUERY for the first greeting.
// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
type message struct {
	id       int32
	legacy   bool
	silent   bool // moreToCome: no answer is wanted
	body     bson.Raw
	tooLarge int // the size of a document that is above the limit
}

// serve answers a connection's commands, one after the other. A goroutine reads ahead, so that a client that goes is
// noticed while its command waits.
func (s *Server) serve(conn net.Conn, c *client) {
	defer func() {
		conn.Close()
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
	}()
	messages := make(chan message)
	go func() {
		defer close(messages)
		defer close(c.gone)
		for {
			m, err := read(conn)
			if err != nil {
				return
			}
			select {
			case messages <- m:
			case <-s.closed:
				return
			}
		}
	}()
	for m := range messages {
		reply, cut := s.answer(c, m)
		if cut {
			return
		}
		answer := encode(m, reply)
		if _, err := answer.WriteTo(conn); err != nil {
			return
		}
	}
}

func read(conn io.Reader) (m message, err error) {
	var head [16]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return m, err
	}
	length, id, _, op, _, _ := wiremessage.ReadHeader(head[:])
	if length < 16 || length > MaxMessage {
		return m, fmt.Errorf("a message of %d bytes", length)
	}
	m.id = id
	data := make([]byte, length-16)
	if _, err := io.ReadFull(conn, data); err != nil {
		return m, err
	}
	switch op {
	case wiremessage.OpMsg:
		return m, m.readMsg(data)
	case opQuery:
		return m, m.readQuery(data)
	}
	return m, fmt.Errorf("an operation %v", op)
}

// readMsg puts the sequences of documents into the body as arrays, which means the same.
func (m *message) readMsg(data []byte) error {
	flags, data, ok := wiremessage.ReadMsgFlags(data)
	m.silent = flags&wiremessage.MoreToCome != 0
	var body []byte
	lists := map[string][]bsoncore.Document{}
	for ok && len(data) > 0 {
		var section wiremessage.SectionType
		if section, data, ok = wiremessage.ReadMsgSectionType(data); !ok {
			break
		}
		if section == wiremessage.DocumentSequence {
			var name string
			name, lists[""], data, ok = wiremessage.ReadMsgSectionDocumentSequence(data)
			lists[name] = lists[""]
			delete(lists, "")
			continue
		}
		var doc bsoncore.Document
		doc, data, ok = wiremessage.ReadMsgSectionSingleDocument(data)
		body = doc
	}
	if !ok || len(body) < 5 || bsoncore.Document(body).Validate() != nil {
		return fmt.Errorf("a message that cannot be read")
	}
	m.limit(body)
	m.body = m.merge(body, lists)
	return nil
}

// limit notes a document that is too large.
func (m *message) limit(doc []byte) {
	if len(doc) > maxInternal {
		m.tooLarge = len(doc)
	}
}

func (m *message) merge(body []byte, lists map[string][]bsoncore.Document) bson.Raw {
	if len(lists) == 0 {
		return body
	}
	body = body[:len(body)-1]
	for name, docs := range lists {
		values := make([]bsoncore.Value, len(docs))
		for i, doc := range docs {
			m.limit(doc)
			values[i] = bsoncore.Value{Type: bsoncore.TypeEmbeddedDocument, Data: doc}
		}
		body = bsoncore.AppendArrayElement(body, name, bsoncore.BuildArray(nil, values...))
	}
	body = append(body, 0)
	binary.LittleEndian.PutUint32(body, uint32(len(body)))
	return body
}

// opQuery is the legacy operation by which drivers say hello:
// https://www.mongodb.com/docs/manual/legacy-opcodes/#op_query
const opQuery wiremessage.OpCode = 2004

// readQuery reads flags, the name of the collection, two numbers and the document.
func (m *message) readQuery(data []byte) error {
	m.legacy = true
	const flags, numbers = 4, 8
	if len(data) < flags {
		return fmt.Errorf("a query that cannot be read")
	}
	name, rest, ok := bytes.Cut(data[flags:], []byte{0})
	if !ok || string(name) != "admin.$cmd" {
		return fmt.Errorf("a query of %s", name)
	}
	if len(rest) < numbers || bsoncore.Document(rest[numbers:]).Validate() != nil {
		return fmt.Errorf("a query that cannot be read")
	}
	m.body = bson.Raw(rest[numbers:])
	return nil
}

// encode is the answer to a message; none where it wants none.
func encode(m message, reply net.Buffers) net.Buffers {
	if m.silent {
		return nil
	}
	var at int32
	var head []byte
	if m.legacy {
		at, head = wiremessage.AppendHeaderStart(nil, 0, m.id, wiremessage.OpReply)
		head = wiremessage.AppendReplyFlags(head, 0)
		head = wiremessage.AppendReplyCursorID(head, 0)
		head = wiremessage.AppendReplyStartingFrom(head, 0)
		head = wiremessage.AppendReplyNumberReturned(head, 1)
	} else {
		at, head = wiremessage.AppendHeaderStart(nil, 0, m.id, wiremessage.OpMsg)
		head = wiremessage.AppendMsgFlags(head, 0)
		head = wiremessage.AppendMsgSectionType(head, wiremessage.SingleDocument)
	}
	size := len(head)
	for _, part := range reply {
		size += len(part)
	}
	return append(net.Buffers{bsoncore.UpdateLength(head, at, int32(size))}, reply...)
}
