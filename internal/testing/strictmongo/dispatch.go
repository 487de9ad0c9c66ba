package strictmongo

import (
	"net"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// request is one command under way.
type request struct {
	server         *Server
	client         *client
	name           string
	command        command
	db, collection string
	body           bson.Raw
	fault          *Fault
	documents      int         // how many the answer gives, for the pace
	streamed       net.Buffers // the answer of a replay
}

// Command is what whoever watches the server sees of a command.
type Command struct {
	Name, Database, Collection string
	AppName                    string   // of the client, as its greeting said
	Address                    string   // that the client connected to
	Body                       bson.Raw // the whole command, sequences of documents as arrays
}

// Watch calls see with each command before it is carried out, on the goroutine of its connection; what it returns goes
// wrong, nil is nothing. Greetings are not shown.
func (s *Server) Watch(see func(Command) *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = see
}

// answer carries out a message's command. The connection is cut where a fault says so.
func (s *Server) answer(c *client, m message) (reply net.Buffers, cut bool) {
	name := m.body.Index(0).Key()
	r := &request{server: s, client: c, name: name, body: m.body}
	r.db, _ = m.body.Lookup("$db").StringValueOK()
	r.collection, _ = m.body.Lookup(name).StringValueOK()
	if name == "getMore" {
		r.collection, _ = m.body.Lookup("collection").StringValueOK()
	}
	if isGreeting(name) {
		return net.Buffers{s.greet(r)}, false
	}
	s.mu.Lock()
	see := s.watch
	s.mu.Unlock()
	if see != nil {
		r.fault = see(Command{name, r.db, r.collection, c.appName, c.address, m.body})
	}
	if r.fault == nil {
		r.fault = s.failPointOf(r)
	}
	s.doLate()
	switch {
	case r.fault.is(CutBefore):
		return nil, true
	case r.fault.is(Late):
		s.postpone(r, m)
		return nil, true
	}
	s.pause(s.o.Latency)
	reply = r.reply(m)
	if r.fault.is(Twice) {
		reply = r.reply(m)
	}
	if s.o.DocumentsPerSecond > 0 {
		s.pause(time.Duration(r.documents) * time.Second / time.Duration(s.o.DocumentsPerSecond))
	}
	return reply, r.fault.is(CutAfter) || r.fault.is(CutWithin)
}

func (s *Server) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-s.closed:
	case <-s.hurried:
	}
}

// reply is the answer to any command but a greeting.
func (r *request) reply(m message) net.Buffers {
	result, err := r.run(m)
	if err != nil {
		return net.Buffers{marshal(asError(err).reply())}
	}
	if r.streamed != nil {
		return r.streamed
	}
	if concern := r.concern(); concern != nil {
		result = append(result, bson.E{Key: "writeConcernError", Value: concern.concernError()})
		if len(concern.Labels) > 0 {
			result = append(result, bson.E{Key: "errorLabels", Value: concern.Labels})
		}
	}
	return net.Buffers{marshal(append(result, bson.E{Key: "ok", Value: 1.0}))}
}

func marshal(d bson.D) []byte {
	b, err := bson.Marshal(d)
	if err != nil {
		b, _ = bson.Marshal(badValue.is("strictmongo: the answer is no BSON: %v", err).reply())
	}
	return b
}

// run checks a command against every rule that is older than its own, and carries it out.
func (r *request) run(m message) (bson.D, error) {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	r.server.counted[r.name]++
	known, ok := commands[r.name]
	if refused := r.server.o.Form.refuses(r); refused != nil {
		return nil, refused
	}
	if !ok {
		return nil, commandNotFound.is("no such command: '%s'", r.name)
	}
	r.command = known
	if m.tooLarge > 0 {
		return nil, documentTooLarge.is("BSONObj size: %d is invalid. Size must be between 0 and %d(16MB)", m.tooLarge,
			maxInternal)
	}
	for _, check := range []func(command) error{r.checkFields, r.checkAPI, r.checkTransaction, r.checkRights,
		r.checkMember} {
		if err := check(known); err != nil {
			return nil, err
		}
	}
	if r.fault.is(CommandError) {
		return nil, &r.fault.Error
	}
	return known.run(r)
}

// command is one that the server knows.
type command struct {
	run    func(*request) (bson.D, error)
	fields string // its own, besides the generic ones
	since8 string // more of them, since MongoDB 8.0
	action string // the privilege that it needs; empty: none
	scope  scope
	writes bool
	stable bool // whether it is part of API version 1
}

// generic are the fields that every command may have.
// https://www.mongodb.com/docs/manual/reference/command/, src/mongo/idl/generic_argument.idl
var generic = []string{
	"$db", "lsid", "$clusterTime", "$readPreference", "readConcern", "writeConcern", "txnNumber", "maxTimeMS", "comment",
	"apiVersion", "apiStrict", "apiDeprecationErrors",
}

// checkFields refuses a field that the command does not have, and one that is there twice: 40415 and 40413,
// src/mongo/idl/idl_parser.cpp.
func (r *request) checkFields(c command) error {
	known := slices.Concat(strings.Fields(c.fields), generic, []string{r.name})
	if strings.HasPrefix(r.server.o.Version, "8.") {
		known = append(known, strings.Fields(c.since8)...)
	}
	return only(r.body, r.name, known...)
}

func only(doc bson.Raw, what string, fields ...string) error {
	elements, _ := doc.Elements()
	for i, e := range elements {
		if slices.ContainsFunc(elements[:i], func(before bson.RawElement) bool { return before.Key() == e.Key() }) {
			return duplicateFieldOfCommand.is("BSON field '%s.%s' is a duplicate field", what, e.Key())
		}
		if !slices.Contains(fields, e.Key()) {
			return unknownFieldOfCommand.is("BSON field '%s.%s' is an unknown field.", what, e.Key())
		}
	}
	return nil
}

// checkAPI keeps to the Stable API. https://www.mongodb.com/docs/manual/reference/stable-api/
func (r *request) checkAPI(c command) error {
	version := r.body.Lookup("apiVersion")
	switch {
	case version.Type == 0 && r.server.o.RequireAPIVersion:
		return apiVersionError.is("The apiVersion parameter is required, please configure your MongoClient's API version")
	case version.Type == 0:
		return nil
	case !c.stable && truthyIf(r.body, "apiStrict"):
		return apiStrictError.is("Provided apiStrict:true, but the command %s is not in API Version 1", r.name)
	}
	return nil
}

// checkTransaction refuses transaction numbers where there is no replica set: retryable writes need one.
// https://www.mongodb.com/docs/manual/core/retryable-writes/#prerequisites
func (r *request) checkTransaction(command) error {
	if r.body.Lookup("txnNumber").Type != 0 && !r.server.o.Form.retries() {
		return illegalOperation.is("Transaction numbers are only allowed on a replica set member or mongos")
	}
	return nil
}

// checkMember refuses writes on a secondary, and reads that do not say that they may go there.
// https://www.mongodb.com/docs/manual/core/read-preference/
func (r *request) checkMember(c command) error {
	mode, _ := r.body.Lookup("$readPreference", "mode").StringValueOK()
	switch {
	case !r.secondary():
		return nil
	case c.writes:
		return code{10107, "NotWritablePrimary"}.is("not primary")
	case c.scope == onCollection && (mode == "" || mode == "primary"):
		return code{13435, "NotPrimaryNoSecondaryOk"}.is("not primary and secondaryOk=false")
	}
	return nil
}

// batch is a cursor's documents as an array.
func batch(docs []bson.Raw, p projection) bsoncore.Array {
	at, b := bsoncore.AppendArrayStart(nil)
	for i, doc := range docs {
		b = bsoncore.AppendHeader(b, bsoncore.TypeEmbeddedDocument, digits(i))
		b = p.of(b, doc)
	}
	b, _ = bsoncore.AppendArrayEnd(b, at)
	return b
}
