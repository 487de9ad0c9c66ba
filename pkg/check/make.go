package check

import (
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/ellipsis"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// maxNamed is how many things a sentence names.
const maxNamed = 3

// Make draws the conclusions.
func Make(f Facts) Report {
	r := Report{
		Database: f.Database, Server: server(f.Server), Library: f.Library.Name, Folders: f.Folders,
		AbsentRoots: f.AbsentRoots,
		Collections: []Collection{}, Undeclared: f.undeclared(), Problems: []string{},
	}
	if f.NoLibrary != "" {
		r.Problems = append(r.Problems, f.NoLibrary)
	}
	for _, c := range f.Library.Collections {
		r.Collections = append(r.Collections, Collection{c.Name, slices.Contains(f.Existing, c.Name), f.Documents[c.Name]})
	}
	for _, folder := range f.Folders {
		if folder.Problem != "" {
			r.Problems = append(r.Problems, folder.text())
		}
	}
	for _, t := range f.Tasks {
		task := f.task(t)
		r.Tasks = append(r.Tasks, task)
		if f.NoLibrary == "" {
			r.Problems = append(r.Problems, f.rightsProblem(t)...)
		}
	}
	r.Ready = len(r.Problems) == 0
	return r
}

func server(f connection.Facts) string {
	name := "MongoDB " + f.Version
	if f.FerretDB != "" {
		name = "FerretDB " + f.FerretDB
	}
	return fmt.Sprintf("%s, %s; up to %d updates in one command", name, f.Topology, f.MaxUpdates)
}

// task says what one task lacks.
func (f Facts) task(t jobspec.Task) Task {
	task := Task{Name: t.Name}
	if nothing := f.Library.Nothing(t.Section); f.Library.Name != "" && nothing != "" {
		return Task{Name: t.Name, Works: true, Note: nothing}
	}
	if t.Database {
		if f.NoLibrary != "" {
			task.Lacks = append(task.Lacks, "a library in the database")
		}
		task.Lacks = append(task.Lacks, f.missingRights(t)...)
		task.Note = f.note(t)
	}
	judges := t.NeedsFolder && slices.Contains(t.Folders, libraryRootFlag)
	if judges && len(f.AbsentRoots) > 0 {
		task.Note = fmt.Sprintf("leaves alone what is below %s, which the library records and which does not exist here",
			ellipsis.List(f.AbsentRoots, maxNamed))
	}
	task.Lacks = append(task.Lacks, f.missingFolders(t)...)
	if judges {
		for _, mismatch := range f.Mismatches {
			task.Lacks = append(task.Lacks, "records in its roots: "+mismatch)
		}
	}
	task.Works = len(task.Lacks) == 0
	return task
}

// missingRights are the rights that a task needs in the library and in maintenance's own collections.
func (f Facts) missingRights(t jobspec.Task) (missing []string) {
	need := func(collection string, actions ...string) {
		for _, action := range f.Rights.Lacks(collection, actions...) {
			missing = append(missing, fmt.Sprintf("the right %q on %s.%s", action, f.Database, collection))
		}
	}
	need(mongodb.LocksCollection, "find", "insert", "update", "remove")
	actions := []string{"find"}
	if t.Access != jobspec.ReadOnly {
		actions = append(actions, "update")
		need(mongodb.JournalCollection, "insert")
	}
	if t.Access == jobspec.Deletes {
		actions = append(actions, "remove")
	}
	for _, name := range f.Library.Names() {
		if slices.Contains(f.Existing, name) {
			need(name, actions...)
		}
	}
	return missing
}

func (f Facts) rightsProblem(t jobspec.Task) []string {
	if !t.Database {
		return nil
	}
	missing := f.missingRights(t)
	if len(missing) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s lacks %s: grant readWrite on the database %s", t.Name,
		ellipsis.List(missing, maxNamed), f.Database)}
}

// missingFolders are the folders without which a task does nothing, and those that cannot be used.
func (f Facts) missingFolders(t jobspec.Task) (missing []string) {
	for _, folder := range f.Folders {
		if slices.Contains(t.Folders, folder.Flag) && folder.Problem != "" {
			missing = append(missing, folder.text())
		}
	}
	if t.NeedsFolder && !f.given(t) {
		missing = append(missing, wanted(t))
	}
	return missing
}

// given tells whether there is a folder for a task.
func (f Facts) given(t jobspec.Task) bool {
	return slices.ContainsFunc(f.Folders, func(folder Folder) bool { return slices.Contains(t.Folders, folder.Flag) })
}

// wanted is the folder that a task works on, as it is given.
func wanted(t jobspec.Task) string {
	return fmt.Sprintf("--%s (in a schedule, or jobs.volumes of the chart: a claim with use %s)",
		t.Folders[0], jobspec.FolderByFlag(t.Folders[0]).Use)
}

// recordedRoot says why a folder is looked at that no flag names.
const recordedRoot = " (a root that the library records)"

// text is what is wrong with a folder.
func (f Folder) text() string { return fmt.Sprintf("%s: %s", f.name(), f.Problem) }

// name is the folder as the command line, or the library, names it.
func (f Folder) name() string {
	if f.Recorded {
		return f.Path + recordedRoot
	}
	return fmt.Sprintf("--%s=%s", f.Flag, f.Path)
}

// note is what a task leaves alone; empty: it does all that it is for.
func (f Facts) note(t jobspec.Task) string {
	_, left := f.Library.Countable(f.Existing)
	switch {
	case f.Library.Name == "":
	case t.Section == "counters" && len(left) > 0 && f.Library.Has(t.Section):
		return fmt.Sprintf("leaves %s as it is: what it counts does not exist", ellipsis.List(left, maxNamed))
	case t.Name == jobspec.DatabaseOptimization && f.Library.Vectors != nil && !f.given(t):
		return "skips the FAISS index files: there is no " + wanted(t)
	}
	return ""
}

// undeclared are the references that the declaration does not name, as texts.
func (f Facts) undeclared() []string {
	found := []string{}
	for _, r := range f.Undeclared {
		found = append(found, r.Text())
	}
	return found
}
