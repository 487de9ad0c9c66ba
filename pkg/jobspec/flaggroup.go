package jobspec

import "github.com/spf13/pflag"

// FlagGroup is the flags of one subject, for a help text.
type FlagGroup struct {
	Title string
	Flags *pflag.FlagSet
}

// FlagGroups are the flags of `maint-job run` that matter to t, by subject; for the zero Task all flags.
func FlagGroups(t Task) (groups []FlagGroup) {
	o := Defaults()
	for _, s := range o.subjects() {
		all := pflag.NewFlagSet("", pflag.ContinueOnError)
		all.SortFlags = false
		s.add(all)
		shown := pflag.NewFlagSet("", pflag.ContinueOnError)
		shown.SortFlags = false
		all.VisitAll(func(f *pflag.Flag) {
			if t.Name == "" || s.matters(t, f.Name) {
				shown.AddFlag(f)
			}
		})
		if shown.HasAvailableFlags() {
			groups = append(groups, FlagGroup{s.title, shown})
		}
	}
	return groups
}

// subject is flags that belong together, and to which tasks each of them matters.
type subject struct {
	title   string
	add     func(*pflag.FlagSet)
	matters func(t Task, flag string) bool
}

// subjects are those of `maint-job run`, in the order in which Args and the help give them.
func (o *Options) subjects() []subject {
	always := func(Task, string) bool { return true }
	return []subject{
		{"Database", o.addDatabaseFlags, func(t Task, flag string) bool {
			return t.Database && (flag != "read-preference" || t.LooksTwice)
		}},
		{"Run and output", o.addOutputFlags, always},
		{"Folders", o.AddFolderFlags, Task.takes},
		{"Limits of what a run may delete", o.addLimitFlags, Task.takes},
		{"When the run may work", o.addTimeFlags, always},
		{"Several processes for one run", o.addSharingFlags, func(t Task, _ string) bool { return t.Shared }},
		{"Settings of the task", o.addParameterFlags, Task.takes},
	}
}
