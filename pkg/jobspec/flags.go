package jobspec

import (
	"slices"

	"github.com/spf13/pflag"
)

// AddFlags defines the flags of `maint-job run` on fs, with o's present values as the defaults.
func (o *Options) AddFlags(fs *pflag.FlagSet) {
	for _, s := range o.subjects() {
		s.add(fs)
	}
}

func (o *Options) addDatabaseFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.MongoDBURI, "mongodb-uri", o.MongoDBURI,
		"connection string; better given as $MONGODB_URI, since a process list shows flags")
	fs.StringVar(&o.MongoDBURIFile, "mongodb-uri-file", o.MongoDBURIFile, "file that holds the connection string")
	fs.StringVar(&o.Database, "database", o.Database, "database (default: the URI's, else "+DefaultDatabase+")")
	fs.StringVar(&o.Library, "library", o.Library,
		"declaration of the library: ucorefs, ucorefs-web or a YAML file (default: detected from the collections)")
	fs.StringVar(&o.ReadPreference, "read-preference", o.ReadPreference,
		"where the first of two looks reads: primary, or secondaryPreferred for a secondary where there is one")
	refuse(fs, "model", "collections and fields are named by a declaration now: "+
		"run `maint-job declare --print=ucorefs > library.yaml`, "+
		"change the names there, and write --library=library.yaml")
}

func (o *Options) addOutputFlags(fs *pflag.FlagSet) {
	fs.BoolVar(&o.DryRun, "dry-run", o.DryRun, "plan and report; change nothing")
	fs.StringVar(&o.Output, "output", o.Output, "result on stdout: text or json")
	fs.StringVar(&o.LogFormat, "log-format", o.LogFormat, "logs on stderr: text or json")
	fs.StringVar(&o.LogLevel, "log-level", o.LogLevel, "debug, info, warn or error")
	fs.DurationVar(&o.Timeout, "timeout", o.Timeout, "bound on the whole run (0: none)")
	fs.StringVar(&o.RunID, "run-id", o.RunID,
		"name of this run (default: $"+EnvRunID+", else made from the task and the time, and random)")
	fs.StringVar(&o.ProgressAddress, "progress-address", o.ProgressAddress,
		`address on which to serve the progress, such as ":8082" (default: nowhere)`)
	fs.StringVar(&o.TerminationLog, "termination-log", o.TerminationLog,
		"file that also gets the result, where it exists")
}

func (o *Options) addLimitFlags(fs *pflag.FlagSet) {
	fs.Float64Var(&o.MaxDeletePercent, "max-delete-percent", o.MaxDeletePercent,
		"largest share, in percent, that one run may delete")
	fs.IntVar(&o.MaxDeletes, "max-deletes", o.MaxDeletes, "largest number of records that one run may delete")
	fs.DurationVar(&o.GracePeriod, "grace-period", o.GracePeriod,
		"how long a file must have been missing before its record may be deleted; 0s deletes at first sight")
	fs.StringVar(&o.AllowPlan, "allow-plan", o.AllowPlan,
		"digest of the one plan that may exceed the deletion caps, or of the one changed library root to accept")
}

// LimitFlag is a flag of Limits, and what the resource calls it in spec.limits.
type LimitFlag struct{ Flag, Field, Default, Words string }

// LimitFlags are the flags of Limits.
func LimitFlags() (all []LimitFlag) {
	o, fs := Defaults(), pflag.NewFlagSet("", pflag.ContinueOnError)
	fs.SortFlags = false
	o.addLimitFlags(fs)
	fs.VisitAll(func(f *pflag.Flag) { all = append(all, LimitFlag{f.Name, camel(f.Name), f.DefValue, f.Usage}) })
	return all
}

func (o *Options) addTimeFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.Window, "window", o.Window,
		`hours in which the run may work, such as "22:00-06:00 Fri,Sat Europe/Berlin" (default: always)`)
	fs.StringVar(&o.ByClock, "by-clock", o.ByClock,
		`schedule that started this run, such as "30 2 * * * Europe/Berlin": skip it when the clocks show its time for the second time`)
	fs.StringVar(&o.Priority, "priority", o.Priority,
		"low, normal or high; a high run that finds the database locked has the others pause for it")
	fs.StringVar(&o.Throttle, "throttle", o.Throttle,
		"how much the run takes at a time: off, low, normal or by-priority (low: low, normal: normal, high: off)")
	fs.StringVar(&o.ThrottleFile, "throttle-file", o.ThrottleFile,
		"file with another throttle, off, low or normal, which may change during the run; ignored while it is empty or "+
			"missing")
	o.Idle.addFlags(fs)
}

func (o *Options) addParameterFlags(fs *pflag.FlagSet) {
	for _, t := range Tasks() {
		for _, p := range t.Parameters {
			p.addFlag(fs, o, t.Name)
		}
	}
}

// AddOwnRunFlags defines the flags of `maint-job run` that runs of none of Tasks have, too, such as `maint-job
// restore`, and the further ones that are named.
func (o *Options) AddOwnRunFlags(fs *pflag.FlagSet, more ...string) {
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.AddFlags(all)
	for _, name := range append([]string{
		"mongodb-uri", "mongodb-uri-file", "database", "dry-run", "output", "log-format", "log-level", "timeout", "run-id",
		"termination-log", "priority", "throttle", "throttle-file",
	}, more...) {
		fs.AddFlag(all.Lookup(name))
	}
}

// Args is the command line, after the program's name, that parses to o; flags that hold their default are left out.
// The connection string is left out always, since it is a secret.
func (o Options) Args() []string {
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	plain := Defaults()
	plain.AddFlags(fs)
	defaults := map[string][]string{}
	fs.VisitAll(func(f *pflag.Flag) { defaults[f.Name] = values(f) })

	args := []string{"run", o.Task}
	given := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.AddFlags(given)
	given.VisitAll(func(f *pflag.Flag) {
		if f.Name == "mongodb-uri" || slices.Equal(values(f), defaults[f.Name]) {
			return
		}
		for _, v := range values(f) {
			args = append(args, "--"+f.Name+"="+v)
		}
	})
	return args
}

// values is what a flag holds: one value, or each of a repeatable one.
func values(f *pflag.Flag) []string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return list.GetSlice()
	}
	return []string{f.Value.String()}
}
