package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
)

// demo is one demonstration under way.
type demo struct {
	folders folders
	db      *mongo.Database
	job     job
	out     io.Writer
	rows    []row
	last    struct { // what restore undoes
		run    string
		before state
	}
}

// demonstrate makes the library and has it maintained.
func demonstrate(ctx context.Context, s settings, out io.Writer) error {
	began := time.Now()
	f, release, err := makeFolders(s.dir)
	if err != nil {
		return err
	}
	defer release()
	uri, stop, err := startServer(ctx, s.ferretDB, f.database)
	if err != nil {
		return err
	}
	defer stop()
	db, disconnect, err := connect(ctx, uri)
	if err != nil {
		return err
	}
	defer disconnect()
	d := &demo{folders: f, db: db, job: job{binary: s.maintJob, uri: uri, folders: f}, out: out}
	if err := d.all(ctx, s.files); err != nil {
		return err
	}
	d.printTable(time.Since(began))
	d.printNext(s)
	return d.verdict()
}

// all is the demonstration in its order.
func (d *demo) all(ctx context.Context, files int) error {
	if err := d.makeLibrary(ctx, files); err != nil {
		return err
	}
	if err := d.check(ctx); err != nil {
		return err
	}
	for _, s := range steps() {
		if err := d.step(ctx, s); err != nil {
			return err
		}
	}
	return d.restore(ctx)
}

func (d *demo) makeLibrary(ctx context.Context, files int) error {
	d.title("A small library with known damage")
	l := generate(d.folders.library, files, time.Now())
	if err := writeLibrary(ctx, l, d.folders, d.db); err != nil {
		return err
	}
	d.say("%d file records and %d other documents in FerretDB, which speaks MongoDB's protocol; %d real files below %s.",
		len(l.Docs["file_records"]), documents(l)-len(l.Docs["file_records"]), len(l.Files()), shown(d.folders.library))
	d.say("The damage: %s.", damage(l))
	return nil
}

// check shows maint-job's own first look, as it prints it.
func (d *demo) check(ctx context.Context) error {
	d.title("What maint-job finds")
	d.say("MONGODB_URI=%s is set for this and all that follows.", d.job.uri)
	args := append([]string{"check"}, d.job.paths("library", "cache", "logs", "indexes")...)
	d.command(args)
	text, err := d.job.start(ctx, args)
	fmt.Fprintln(d.out, indent(string(text)))
	return err
}

// shown is a path as a person in the working directory would call it.
func shown(path string) string {
	here, err := filepath.Abs(".")
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// typed is an argument as a person would type it: maint-job takes absolute paths only.
func typed(argument string) string {
	if rel := shown(argument); rel != argument {
		return "$PWD/" + rel
	}
	return argument
}
