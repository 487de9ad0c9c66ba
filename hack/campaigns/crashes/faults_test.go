package crashes

import (
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/lock"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
)

type (
	command  = strictmongo.Command
	injected = strictmongo.Fault
)

// fault is what goes wrong with a command of a run.
type fault struct {
	name string
	// do is called before the command is carried out.
	do func(s *simulation, p *process, c strictmongo.Command) *injected
	// changes: the command is one that changes or deletes documents of the library, where there is one.
	changes bool
}

// faults are the kinds. Each is injected at commands that the seed chooses.
var faults = []fault{
	{name: "it is killed within a bulk", do: func(s *simulation, p *process, c command) *injected {
		p.die()
		return &strictmongo.Fault{As: strictmongo.CutWithin, Index: s.rand.IntN(max(operations(c), 1))}
	}},
	{name: "it is killed, and the command comes late", do: func(s *simulation, p *process, _ command) *injected {
		p.die()
		return &strictmongo.Fault{As: strictmongo.Late, After: s.rand.IntN(60)}
	}},
	{name: "lost", do: as(strictmongo.CutBefore)},
	{name: "done, and not answered", do: as(strictmongo.CutAfter)},
	{name: "done in part, and not answered", do: func(s *simulation, _ *process, c command) *injected {
		return &strictmongo.Fault{As: strictmongo.CutWithin, Index: s.rand.IntN(max(operations(c), 1))}
	}},
	{name: "done twice", do: as(strictmongo.Twice)},
	{name: "late", do: func(s *simulation, _ *process, _ command) *injected {
		return &strictmongo.Fault{As: strictmongo.Late, After: s.rand.IntN(60)}
	}},
	{name: "refused for now", do: func(s *simulation, _ *process, _ command) *injected {
		codes := []int32{6, 7, 43, 89, 91, 112, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436}
		return strictmongo.Passing(codes[s.rand.IntN(len(codes))], "Passing")
	}},
	{name: "done, and not confirmed by a majority", do: func(_ *simulation, _ *process, c command) *injected {
		if !isWrite(c) {
			return nil
		}
		f := strictmongo.Passing(64, "WriteConcernTimeout")
		f.As = strictmongo.ConcernError
		return f
	}},
	{name: "slower than the lock lives", do: func(s *simulation, p *process, _ command) *injected {
		p.sleep(lock.TTL + time.Duration(s.rand.IntN(120))*time.Second)
		return nil
	}},
	{name: "a second run begins", do: func(s *simulation, p *process, _ command) *injected {
		s.rival(p)
		return nil
	}},
	{name: "it stands still, and a second run begins", do: func(s *simulation, p *process, _ command) *injected {
		p.stallUntil(time.Now().Add(2 * lock.TTL))
		s.others.Go(func() { outliveLock(); s.process("rival of " + p.run).do() })
		return nil
	}},
	{name: "the application writes", do: func(s *simulation, _ *process, _ command) *injected {
		s.applicationWrites(s.touched)
		return nil
	}},
	{name: "the application writes to what is to be changed", do: func(s *simulation, _ *process, c command) *injected {
		s.applicationWrites(s.targets(c))
		return nil
	}, changes: true},
	{name: "somebody deletes its lock", do: func(s *simulation, _ *process, _ command) *injected {
		if _, err := s.app.Collection(mongodb.LocksCollection).DeleteMany(s.t.Context(), bson.D{}); err != nil {
			s.t.Error(err)
		}
		return nil
	}},
}

func as(kind strictmongo.FaultKind) func(*simulation, *process, command) *injected {
	return func(*simulation, *process, command) *injected {
		return &strictmongo.Fault{As: kind}
	}
}

// rival is another run of the same task, beside a process.
func (s *simulation) rival(p *process) {
	r := s.process("rival of " + p.run)
	s.others.Go(func() { r.do() })
}

// note is the field that the application adds where it writes no field that is there.
const note = "note"

// targets are the documents that a command changes or deletes.
func (s *simulation) targets(c strictmongo.Command) (keys []string) {
	for _, q := range filters(c) {
		if k := c.Collection + " " + librarytest.Key(q.Lookup("_id")); s.origin[k] != "" {
			keys = append(keys, k)
		}
	}
	return keys
}

// applicationWrites has the application change one of some documents: a field of its own, or one that the run changes,
// too.
func (s *simulation) applicationWrites(keys []string) {
	if len(keys) == 0 {
		return
	}
	k := keys[s.rand.IntN(len(keys))]
	at, field := s.ids[k], note
	if fields := s.changedFields(k); len(fields) > 0 && s.rand.IntN(2) == 0 {
		field = fields[s.rand.IntN(len(fields))]
	}
	value := fmt.Sprintf("by the application %d", s.rand.Int64())
	change := bson.D{{Key: "$set", Value: bson.D{{Key: field, Value: value}}}}
	if _, err := s.app.Collection(at.collection).UpdateByID(s.t.Context(), at.id, change); err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, doc := range s.server.Documents(database, at.collection) {
		if key(at.collection, doc) == k {
			s.judge.wrote(k, field, string(doc))
		}
	}
}

// changedFields are the fields that the undisturbed run changes in a document, or all of one that it deletes.
func (s *simulation) changedFields(k string) (fields []string) {
	if s.end[k] == "" {
		return s.fieldsOf(k)
	}
	elements, err := bson.Raw(s.end[k]).Elements()
	if err != nil {
		return nil
	}
	for _, e := range elements {
		if !e.Value().Equal(bson.Raw(s.origin[k]).Lookup(e.Key())) {
			fields = append(fields, e.Key())
		}
	}
	return fields
}

// wrote takes in what the application wrote.
func (j *judge) wrote(k, field, doc string) {
	j.tainted, j.versions[k] = true, append(j.versions[k], doc)
	j.written[k], j.dirty = field, 2
}

// inject does the scenario's run with one fault, and what comes after until a run ends well.
func (s *simulation) inject(f fault, at int) {
	s.judged(s.begin, s.allowed)
	p := s.process(runName)
	p.script = func(n int, c command) *injected {
		if n != at {
			return nil
		}
		return f.do(s, p, c)
	}
	result := p.do()
	s.others.Wait()
	s.found.faults++
	what := fmt.Sprintf("with command %d %s", at, f.name)
	if p.isDead() || !isWell(result) {
		s.goOn(what, result)
	}
	s.conclude(what)
}

func isWell(r report.Result) bool {
	return r.Outcome == report.Succeeded || r.Outcome == report.Partial || r.Outcome == report.Refused
}

func (s *simulation) fieldsOf(k string) (names []string) {
	elements, err := bson.Raw(s.origin[k]).Elements()
	if err != nil {
		return nil
	}
	for _, e := range elements {
		if e.Key() != "_id" {
			names = append(names, e.Key())
		}
	}
	return names
}
