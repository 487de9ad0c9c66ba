// Package fixfiletypes is the task fix-file-types: it sets the type of records that say "unknown" by the extension of
// their file. The library declares which field that is, which value means unknown, and which extension is of which
// type.
//
// A record is changed only while its type is still the unknown one, and is in the journal first. An extension that is
// not declared leaves its record alone. It reads the records once and no file on disk, and must not guess from what a
// file holds.
package fixfiletypes

import (
	"context"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// Task is the task for the runner.
func Task() tasks.Task { return task(maxRecords) }

// maxRecords is how many records one run changes, which bounds its memory and its journal.
const maxRecords = 200_000

func task(most int) tasks.Task {
	steps := tasks.Steps[facts, plan]{Gather: gatherer{most}.gather, Plan: decide, Present: present, Execute: execute}
	return steps.Task(jobspec.FixFileTypes)
}

// facts are the records whose type is unknown and whose extension is declared.
type facts struct {
	declared *library.FileTypes
	checked  int64
	records  []record
	waiting  int64 // more of them than one run changes
}

type record struct {
	id        bsonvalue.ID
	was       bsonvalue.Value
	extension string // in lower case, without a dot
}

type gatherer struct{ most int }

// gather is the one scan of the records.
func (g gatherer) gather(ctx context.Context, env tasks.Env) (facts, error) {
	f := facts{declared: env.Library.FileTypes}
	collection := f.declared.Field.Collection
	o := mongodb.ScanOptions{Fields: []string{f.declared.Field.Name, f.declared.Extension}}
	return f, env.Scan(ctx, "reading "+collection, collection, o, func(doc bson.Raw) error {
		f.checked++
		if r, ok := f.read(doc); ok {
			g.hold(&f, r)
		}
		return nil
	})
}

func (f *facts) read(doc bson.Raw) (record, bool) {
	kind, isText := doc.Lookup(f.declared.Field.Name).StringValueOK()
	extension, _ := doc.Lookup(f.declared.Extension).StringValueOK()
	extension = strings.ToLower(strings.TrimPrefix(extension, "."))
	_, known := f.declared.Types[extension]
	return record{bsonvalue.Reference(doc, "_id"), bsonvalue.Reference(doc, f.declared.Field.Name), extension}, isText &&
		kind == f.declared.Unknown && known
}

func (g gatherer) hold(f *facts, r record) {
	if len(f.records) == g.most {
		f.waiting++
		return
	}
	f.records = append(f.records, r)
}

// plan is the types to set.
type plan struct {
	collection, field string
	checked, waiting  int64
	changes           []change
}

type change struct {
	record
	kind string
}

func decide(f facts, _ jobspec.Options) plan {
	p := plan{collection: f.declared.Field.Collection, field: f.declared.Field.Name, checked: f.checked,
		waiting: f.waiting}
	for _, r := range f.records {
		p.changes = append(p.changes, change{r, f.declared.Types[r.extension]})
	}
	return p
}

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: p.counts(int64(len(p.changes)))}
	for _, c := range tasks.First(p.changes) {
		shown.Show(p.collection, c.id, fmt.Sprintf("%s becomes %s, since its extension is %s", p.field, c.kind, c.extension))
	}
	tasks.Add(&shown.Warnings, p.waiting, "%d more records have an unknown type and are changed by the next runs")
	return shown
}

func (p plan) counts(fixed int64) report.Counts {
	return report.Counts{"filesChecked": p.checked, "filesFixed": fixed}
}

func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: p.counts(0)}
	journal := stores.NewJournal(w, env.RunID)
	var changed int64
	err := tasks.InBatches(env, "setting types", p.changes, tasks.BatchSize, func(batch []change) error {
		updates := make([]mongodb.Update, len(batch))
		for i, c := range batch {
			updates[i] = mongodb.Update{ID: c.id, Fields: []mongodb.Field{{Name: p.field, Old: c.was, New: c.kind}}}
		}
		written, err := journal.Update(ctx, p.collection, updates)
		done.Counts["filesFixed"] += written.Modified
		changed += written.Conflicts
		return err
	})
	tasks.Add(&done.Warnings, changed, "%d records changed while this ran and were left alone")
	return done, err
}
