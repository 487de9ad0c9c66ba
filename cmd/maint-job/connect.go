package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/pflag"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// configError is a setting that cannot work.
type configError struct{ error }

func (e *configError) Unwrap() error { return e.error }

// addConnectionFlags adds the flags that say where the database is.
func addConnectionFlags(fs *pflag.FlagSet, o *jobspec.Options) {
	fs.StringVar(&o.MongoDBURI, "mongodb-uri", "", "connection string; better given as $"+jobspec.EnvMongoDBURI)
	fs.StringVar(&o.MongoDBURIFile, "mongodb-uri-file", "", "file that holds the connection string")
	fs.StringVar(&o.Database, "database", "", "database (default: the URI's, else "+jobspec.DefaultDatabase+")")
	fs.DurationVar(&o.Timeout, "timeout", o.Timeout, "bound on connecting (0: 2m)")
}

// connect opens the database that flags, files and the environment name.
func connect(ctx context.Context, o *jobspec.Options, env func(string) string, errs io.Writer) (*mongodb.Database,
	error) {
	if err := readURI(o, env); err != nil {
		return nil, &configError{err}
	}
	return mongodb.Connect(ctx, connection.Options{URI: o.MongoDBURI, Name: o.Database, Timeout: o.Timeout,
		Log: logger(*o, errs)})
}

// closeSoon closes the connection, and waits no longer than a moment for a server that does not answer.
func closeSoon(ctx context.Context, db *mongodb.Database) {
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = db.Close(closing) // all that was to be read has been read
}

// exitOfReading is the exit code that goes with an error of a command that only reads.
func exitOfReading(ctx context.Context, err error) int {
	var config *configError
	var uri *connection.URIError
	var certificate *connection.CertificateError
	var none *library.NotFoundError
	switch {
	case errors.As(err, &config), errors.As(err, &uri), errors.As(err, &certificate), errors.As(err, &none),
		connection.IsAuthentication(err):
		return jobspec.ExitConfig
	case connection.MayPass(err), ctx.Err() != nil:
		return jobspec.ExitTemporary
	}
	return jobspec.ExitInternal
}
