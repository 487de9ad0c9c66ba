package runner

import (
	"context"
	"fmt"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/lock"
	"ucorefs.io/maintenance/pkg/lock/folder"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// connect opens the database if the task needs one.
func (r *run) connect(ctx context.Context) error {
	if !r.task.Database {
		return nil
	}
	if r.o.MongoDBURI == "" {
		return &configError{fmt.Errorf("%s needs a database: set $%s, --mongodb-uri-file or --mongodb-uri", r.task.Name,
			jobspec.EnvMongoDBURI)}
	}
	db, err := mongodb.Connect(ctx, connection.Options{
		URI: r.o.MongoDBURI, Name: r.o.Database, Timeout: r.o.Timeout, Log: r.Log, Monitor: r.Monitor, Dial: r.Dial,
		Throttle: r.throttle,
	})
	if err != nil {
		return interruptedOr(ctx, err)
	}
	r.db = db
	f := db.Facts()
	r.Log.Debug("connected", "database", db.Name(), "version", f.Version, "ferretdb", f.FerretDB, "topology", f.Topology)
	return r.readClock(ctx)
}

// readClock reads the server's clock, by which ages and grace periods count: with a wrong clock of its own a pod would
// delete early.
func (r *run) readClock(ctx context.Context) (err error) {
	if r.clock, err = r.serverTime(ctx); err != nil {
		return r.because(ctx, err)
	}
	if apart := r.Now().Sub(r.clock).Round(time.Second); apart.Abs() > clocksApart {
		r.apart = apart
		r.warn(fmt.Sprintf("this machine's clock and the database server's are %s apart: ages count by the server's",
			apart.Abs()))
	}
	return nil
}

func (r *run) disconnect(ctx context.Context) {
	if r.db == nil {
		return
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := r.db.Close(closing); err != nil {
		r.Log.Debug("close", "error", err)
	}
}

// lock takes the lock of the database, or of the folders where there is none. A dry run takes no lock, since taking one
// is a write; it only reads, and what it reports may be overtaken anyway.
func (r *run) lock(ctx context.Context) (context.Context, func(), error) {
	switch {
	case r.o.DryRun:
		return ctx, func() {}, nil
	case r.db == nil:
		release, err := r.lockFolders()
		return ctx, release, err
	case r.task.Access == jobspec.ReadOnly:
		held, lease, err := r.db.LockShared(ctx, r.request())
		if err != nil {
			return ctx, nil, r.because(ctx, err)
		}
		return held, func() { lease.Release(ctx) }, nil
	}
	return r.lockAlone(ctx)
}

// lockAlone takes the exclusive lock, and with it the run's Writer.
func (r *run) lockAlone(ctx context.Context) (context.Context, func(), error) {
	held, lease, err := r.db.Lock(ctx, r.request())
	if err != nil {
		return ctx, nil, r.because(ctx, err)
	}
	r.writer = lease.Writer()
	return held, func() { r.writer = nil; lease.Release(ctx) }, nil
}

func (r *run) request() lock.Request {
	high := r.o.Priority == jobspec.PriorityHigh
	return lock.Request{
		Scope: lock.DatabaseScope(r.db.Name()), Run: r.result.Run, Task: r.task.Name, Host: r.Host,
		Asks: high, Yields: !high && r.yields < lock.MaxYields,
	}
}

func (r *run) lockFolders() (release func(), err error) {
	locks, err := folder.Lock(r.o.Folders(r.task.Task))
	if err != nil {
		return nil, err
	}
	for _, name := range locks.Unlockable {
		r.result.Warnings = append(r.result.Warnings, "the file system of "+name+
			" has no locks: see to it that no other run works there at the same time")
	}
	return locks.Release, nil
}
