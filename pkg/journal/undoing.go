package journal

// Restored is what undoing a run did, counted by entries: a document that the run changed twice has two.
type Restored struct {
	Entries   int64 // all of the run's
	Inserted  int64
	Replaced  int64
	Unchanged int64
	Earlier   int64 // that an earlier restore undid
	Conflicts int64
	Failed    int64
	// TookNothing tells that the journal knows the run, and has no entry of it.
	TookNothing bool
	// Sample names a few of the documents in conflict, as "collection id", and Failures a few that failed, and why.
	Sample, Failures []string
}

// maxSample is how many conflicts, and how many failures, Restored names.
const maxSample = 10

// Undoing follows the documents of one run through its entries, of which it is given the last one first. It exists for
// the documents that have several. The zero Undoing is ready to use.
type Undoing struct {
	done Restored
	// foreseen is what a document would hold by now.
	foreseen map[string]Digest
	// conflicts counts the entries in conflict of a document; order keeps the documents as they came.
	conflicts map[string]int64
	order     []string
}

// Foresee is what undoing e would take if the entries before it had been undone already. Current is the document as it
// is now.
func (u *Undoing) Foresee(document string, e Entry, current Digest) Action {
	if stands, known := u.foreseen[document]; known {
		current = stands
	}
	action := e.undo(current)
	if action == Insert || action == Replace {
		if u.foreseen == nil {
			u.foreseen = map[string]Digest{}
		}
		u.foreseen[document] = e.Before
	}
	return action
}

// Add counts what became of one entry. Where an earlier change of the same document finds it as it was before, or can
// be undone, the later changes are undone, too: a run that was restored before has no conflicts.
func (u *Undoing) Add(document string, a Action) {
	u.done.Entries++
	switch a {
	case Insert:
		u.done.Inserted++
	case Replace:
		u.done.Replaced++
	case Nothing:
		u.done.Unchanged++
	case Earlier:
		u.done.Earlier++
		return
	case Conflict:
		u.conflict(document)
		return
	}
	u.done.Unchanged += u.conflicts[document]
	delete(u.conflicts, document)
}

// Fail counts one entry that could not be undone.
func (u *Undoing) Fail(document string, why error) {
	u.done.Entries++
	if u.done.Failed++; len(u.done.Failures) < maxSample {
		u.done.Failures = append(u.done.Failures, document+": "+why.Error())
	}
}

func (u *Undoing) conflict(document string) {
	if u.conflicts == nil {
		u.conflicts = map[string]int64{}
	}
	if u.conflicts[document]++; u.conflicts[document] == 1 {
		u.order = append(u.order, document)
	}
}

// Done is what was added.
func (u *Undoing) Done() Restored {
	done := u.done
	for _, document := range u.order {
		n := u.conflicts[document]
		if done.Conflicts += n; n > 0 && len(done.Sample) < maxSample {
			done.Sample = append(done.Sample, document)
		}
	}
	return done
}
