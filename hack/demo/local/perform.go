package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/internal/testing/librarytest"
)

// row is one line of the table.
type row struct {
	name, wrong  string
	before, left int   // as the recount says
	done         int64 // as maint-job says
	expected     int   // what should be left
	took         time.Duration
}

// step plans one task and does it, with a recount before, between and after.
func (d *demo) step(ctx context.Context, s step) error {
	d.title(s.task)
	d.say("%s", s.why)
	if s.before != nil {
		if err := s.before(ctx, d); err != nil {
			return err
		}
	}
	before, err := d.state(ctx)
	if err != nil {
		return err
	}
	r := row{name: s.task, wrong: s.wrong, before: s.count(before)}
	args := slices.Concat([]string{"run", s.task}, s.args, d.job.paths(s.folder))
	if args, err = d.plan(ctx, before, args); err != nil {
		return err
	}
	done, err := d.ran(ctx, "done", args)
	if err != nil {
		return err
	}
	after, err := d.state(ctx)
	if err != nil {
		return err
	}
	r.done, r.took, r.left = done.sum(s.reports), done.took, s.count(after)
	if s.reads {
		r.expected = r.before
	}
	d.rows, d.last.run, d.last.before = append(d.rows, r), done.Run, before
	return nil
}

// plan is a dry run, after which everything must be as it was. The arguments that come back also allow the plan,
// where it exceeds the deletion caps.
func (d *demo) plan(ctx context.Context, before state, args []string) (allowed []string, err error) {
	planned, err := d.ran(ctx, "planned", append(slices.Clone(args), "--dry-run"))
	if err != nil {
		return nil, err
	}
	after, err := d.state(ctx)
	if err != nil {
		return nil, err
	}
	if changed := librarytest.Diff(before.docs, after.docs); changed != "" {
		return nil, fmt.Errorf("the dry run of %s changed the library:\n%s", args[1], changed)
	}
	if planned.Outcome == "Refused" {
		args = append(args, "--allow-plan="+planned.PlanDigest)
	}
	return args, nil
}

// ran runs maint-job, and shows the command and what came of it.
func (d *demo) ran(ctx context.Context, what string, args []string) (result, error) {
	d.command(args)
	r, err := d.job.do(ctx, args)
	if err != nil {
		return r, err
	}
	if r.Outcome != "Succeeded" {
		what = strings.ToLower(r.Outcome)
	}
	d.say("→ %s in %.1f s: %s", what, r.took.Seconds(), r.sentence())
	return r, nil
}

func (d *demo) state(ctx context.Context) (state, error) {
	docs, err := layout.Read(ctx, d.db)
	return state{docs: docs, folders: d.folders, now: time.Now()}, err
}

// restore undoes the last run, and compares every document that came back with what it was.
func (d *demo) restore(ctx context.Context) error {
	d.title("restore")
	d.say("What a run deletes stays in a journal for 90 days. This undoes the run above.")
	lost := d.last.before.docs
	short, err := d.state(ctx)
	if err != nil {
		return err
	}
	done, err := d.ran(ctx, "done", []string{"restore", "--run", d.last.run})
	if err != nil {
		return err
	}
	back, err := d.state(ctx)
	if err != nil {
		return err
	}
	d.rows = append(d.rows, row{
		name: "restore", wrong: "records to bring back",
		before: differing(lost, short.docs), left: differing(lost, back.docs),
		done: done.sum([]string{"documentsInserted", "documentsReplaced"}), took: done.took,
	})
	return nil
}

// differing is how many documents of want are missing in got, or other to the last byte.
func differing(want, got librarytest.Docs) (n int) {
	for collection, docs := range want {
		there := librarytest.ByID(got[collection])
		for id, doc := range librarytest.ByID(docs) {
			if there[id] != doc {
				n++
			}
		}
	}
	return n
}

// verdict is an error if something is left that should be mended, or was not there to be mended.
func (d *demo) verdict() error {
	for _, r := range d.rows {
		switch {
		case r.before == 0:
			return fmt.Errorf("%s had nothing to do: the demo's library should have given it something", r.name)
		case r.left != r.expected:
			return fmt.Errorf("%s left %d %s, and should have left %d", r.name, r.left, r.wrong, r.expected)
		case r.done != int64(r.before):
			return fmt.Errorf("%s says that it did %d of %d %s", r.name, r.done, r.before, r.wrong)
		}
	}
	return nil
}
