package databaseoptimization

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/vectors"
)

// comparing is what needs memory.
const comparing = "comparing vectors with index files"

func runOf(env tasks.Env) vectors.Run {
	return vectors.Run{
		DB: env.DB, Library: env.Library, Progress: env.Progress, Log: env.Log, ID: env.RunID, Now: env.Now,
		ReadEvery: time.Duration(env.Options.VectorsReadDays) * 24 * time.Hour,
	}
}

func gatherVectors(ctx context.Context, env tasks.Env) (*vectors.Facts, error) {
	folder, err := openFolder(env)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	seen, err := runOf(env).Look(ctx, folder)
	if errors.As(err, new(*vectors.OtherDatabaseError)) {
		return nil, tasks.Misconfigured("--index-dir=%s: %w: give each library an index folder of its own (a volume of use "+
			"Index); if only the name of the database has changed, delete %s in the folder", env.Options.IndexDir, err,
			faiss.NoteName)
	}
	if err != nil || seen.Doubt == "" {
		return seen, err
	}
	collections := func() []string { return []string{env.Library.Files.Collection} }
	if err := env.Fits(ctx, comparing, vectors.BytesOfFile, collections); err != nil {
		return nil, err
	}
	return seen, folderError(runOf(env).ReadAll(ctx, folder, seen, env.Room(comparing).Take))
}

func (x *execution) writeIndexFiles(ctx context.Context) error {
	if !x.plan.vectors.Writes() {
		return nil
	}
	folder, err := openFolder(x.env)
	if err != nil {
		return err
	}
	done, err := runOf(x.env).Write(ctx, folder, x.plan.vectors)
	x.done.Counts["faissIndexesRebuilt"], x.done.Counts["vectorsWritten"] = done.Indexes, done.Vectors
	for _, left := range done.Left {
		x.left = append(x.left, fmt.Sprintf("in %s: %v", x.env.Options.IndexDir, withAdvice(left)))
	}
	return folderError(errors.Join(err, folder.Close()))
}

// withAdvice says what to do about an index that cannot be written, unless the error says it.
func withAdvice(err error) error {
	if errors.Is(err, faiss.ErrOccupied) {
		return err
	}
	return fmt.Errorf("%w: let the user of the runs change it, or move what is in the way to another folder", err)
}

func openFolder(env tasks.Env) (*faiss.Folder, error) {
	folder, err := faiss.OpenFolder(env.Options.IndexDir)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, tasks.Misconfigured("database-optimization cannot work on --index-dir=%s: %w", env.Options.IndexDir,
			files.WithRemedy(files.NotOpened(env.Options.IndexDir, unix.EACCES)))
	case faiss.IsUnusable(err):
		return nil, tasks.Misconfigured("%w: make the folder that --index-dir names, or mount what it is on", err)
	}
	return folder, err
}

// folderError says of an error of the index folder that it or its volume must be changed, where that is so.
func folderError(err error) error {
	switch {
	case !errors.As(err, new(*vectors.FolderError)):
		return err
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return tasks.Misconfigured("there is no room for the new index files: what could not be written stays as it was; "+
			"make the volume of --index-dir larger (%w)", err)
	case faiss.IsUnusable(err):
		return tasks.Misconfigured("%w", err)
	}
	return err
}
