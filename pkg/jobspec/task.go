package jobspec

import (
	"fmt"
	"slices"
	"strings"
)

// Task declares one maintenance task. The flags of the job, the fields of the resource, what a config.json may say and
// the tables of the documentation are made from the declarations; nothing else repeats them.
type Task struct {
	// Name is the same word on the command line, in spec.task, in metrics and in the documentation.
	Name string
	// Aliases are the names that UCore FS and its guide use; they are accepted on input and never printed as the name.
	Aliases []string
	// Summary is one line, without a full stop, that says what the task does.
	Summary string
	// Interval is how often people run it, in words, such as "nightly".
	Interval string
	// Access is what the task does to the library.
	Access Access
	// Database tells whether the task connects to MongoDB.
	Database bool
	// Shared tells whether several processes can share the reading of one run.
	Shared bool
	// NoLibrary tells whether the task works in a database whatever library it holds.
	NoLibrary bool
	// LooksTwice tells whether what a first look at the database finds counts only if a second one finds it too, so that
	// the first one may read from a secondary.
	LooksTwice bool
	// Section is the section of a library's declaration, such as counters, without which the task has nothing to do;
	// empty: none.
	Section string
	// Folders are the flags, without dashes, of the Folders that the task works on.
	Folders []string
	// NeedsFolder tells whether the task has nothing to do without one of Folders.
	NeedsFolder bool
	// Limits are the flags, without dashes, of those Limits that the task obeys.
	Limits []string
	// Parameters are the settings that no other task has.
	Parameters []Parameter
	// Counts are the keys that its result always has.
	Counts []string
}

// Member is the member of the resource's spec that holds the task's Parameters, such as cacheCleanup.
func (t Task) Member() string { return camel(t.Name) }

// Names are all names of the task: its own, and each alias with and without the prefix "maintenance_".
func (t Task) Names() []string {
	names := []string{t.Name}
	for _, alias := range t.Aliases {
		names = append(names, alias, aliasPrefix+alias)
	}
	return names
}

// takes tells whether a flag that not every task has matters to this one.
func (t Task) takes(flag string) bool {
	return slices.Contains(t.Folders, flag) || slices.Contains(t.Limits, flag) ||
		slices.ContainsFunc(t.Parameters, func(p Parameter) bool { return p.Flag == flag })
}

// CheckFlag is an error for a flag, without dashes, that is a parameter of another task.
func (t Task) CheckFlag(flag string) error {
	for _, other := range Tasks() {
		for _, p := range other.Parameters {
			if p.Flag == flag && other.Name != t.Name {
				return fmt.Errorf("--%s is a flag of %s, not of %s: leave it out", flag, other.Name, t.Name)
			}
		}
	}
	return nil
}

// camel writes a name with hyphens as the resource writes names.
func camel(name string) string {
	words := strings.Split(name, "-")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// aliasPrefix may stand before an alias, as it does where the application registers its tasks.
const aliasPrefix = "maintenance_"

// Declared is the declaration of a task of this program. It panics where there is none.
func Declared(name string) Task {
	for _, t := range Tasks() {
		if t.Name == name {
			return t
		}
	}
	panic(fmt.Sprintf("no task %q is declared: write its declaration into a file of pkg/jobspec, "+
		"and add it to Tasks in "+
		"pkg/jobspec/tasks.go", name))
}

// TaskByName finds a task by its name or an alias, with or without the prefix "maintenance_". The error is an
// UnknownTaskError, which names the task that is most alike.
func TaskByName(name string) (Task, error) {
	for _, t := range Tasks() {
		if slices.Contains(t.Names(), name) {
			return t, nil
		}
	}
	return Task{}, &UnknownTaskError{Name: name, Nearest: nearestTask(name)}
}

// UnknownTaskError says that no task has that name. Nearest is the task that was probably meant, empty where none is
// alike.
type UnknownTaskError struct{ Name, Nearest string }

func (e *UnknownTaskError) Error() string {
	return fmt.Sprintf("unknown task %q: %s", e.Name, e.Hint())
}

// Hint is what to write instead.
func (e *UnknownTaskError) Hint() string {
	const all = "`maint-job list` shows all tasks"
	if e.Nearest == "" {
		return all
	}
	return fmt.Sprintf("did you mean %q? %s", e.Nearest, all)
}

// Restore is what `maint-job restore` does: a run like any other, but none of Tasks, so that no schedule can name it.
const Restore = "restore"

// RestoreTask declares Restore. It needs no library, so that what an earlier version deleted can be put back.
func RestoreTask() Task {
	return Task{
		Name: Restore, Database: true, NoLibrary: true, Access: Writes,
		Summary: "put back what a run deleted or shortened; what was written since is left alone",
	}
}

// AcceptRoot is what `maint-job roots accept` does: a run like any other, but none of Tasks, like Restore.
const AcceptRoot = "accept-root"

// AcceptRootTask declares AcceptRoot.
func AcceptRootTask() Task {
	return Task{
		Name: AcceptRoot, Database: true, Access: Writes,
		Summary: "accept a library root as it is now",
	}
}
