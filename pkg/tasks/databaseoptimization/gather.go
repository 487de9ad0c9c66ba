package databaseoptimization

import (
	"context"
	"slices"

	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/vectors"
)

// facts are what the server has, and what the index folder has.
type facts struct {
	collections []collectionFacts
	places      []placeFacts // where collections can be compacted, in that order; none behind a mongos
	refused     refusals
	vectors     *vectors.Facts // nil without --index-dir, or in a library without vectors
	noFolder    bool           // the library has vectors, and there is no --index-dir
}

// collectionFacts are one collection that exists.
type collectionFacts struct {
	name       string
	want       []library.Index // none for one that is not the library's
	have       []admin.Index
	unlisted   bool                        // the server would not list the indexes
	duplicates map[string]admin.Duplicates // of each unique index that is missing, by its name
}

func gather(ctx context.Context, env tasks.Env) (f facts, err error) {
	existing, err := env.DB.Collections(ctx)
	if err != nil {
		return f, err
	}
	for _, name := range append(env.Library.Names(), mongodb.JournalCollection) { // maintenance's journal is only compacted
		if !slices.Contains(existing, name) {
			continue
		}
		one := collectionFacts{name: name, want: env.Library.IndexesOf(name)}
		if err := f.gatherCollection(ctx, env, &one); err != nil {
			return f, err
		}
		f.collections = append(f.collections, one)
	}
	if err := f.gatherSpace(ctx, env); err != nil {
		return f, err
	}
	if hasVectors := env.Library.Vectors != nil && env.Library.Files != nil; env.Options.IndexDir == "" {
		f.noFolder = hasVectors
	} else if hasVectors {
		f.vectors, err = gatherVectors(ctx, env)
	}
	return f, err
}

func (f *facts) gatherCollection(ctx context.Context, env tasks.Env, c *collectionFacts) error {
	if len(c.want) == 0 {
		return nil
	}
	var err error
	c.have, err = admin.Indexes(ctx, env.DB, c.name)
	c.unlisted = err != nil
	if err := f.refused.note(err); err != nil || c.unlisted {
		return err
	}
	return c.gatherDuplicates(ctx, env)
}

// gatherDuplicates looks for what would stand in the way of the unique indexes that are missing.
func (c *collectionFacts) gatherDuplicates(ctx context.Context, env tasks.Env) error {
	c.duplicates = map[string]admin.Duplicates{}
	for _, index := range compare(c.want, c.have).missing {
		if !index.Unique {
			continue
		}
		found, err := admin.FindDuplicates(ctx, env.DB, c.name, index.Fields)
		if err != nil {
			return err
		}
		c.duplicates[index.Name()] = found
	}
	return nil
}
