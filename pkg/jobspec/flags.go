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
	fs.StringVar(&o.MongoDBURI, "mongodb-uri", o.MongoDBURI, "connection string; better given as $MONGODB_URI, since a process list shows flags")
	fs.StringVar(&o.MongoDBURIFile, "mongodb-uri-file", o.MongoDBURIFile, "file that holds the connection string")
	fs.StringVar(&o.Database, "database", o.Database, "database (default: the URI's, else "+DefaultDatabase+")")
	fs.StringVar(&o.Library, "library", o.Library, "declaration of the library: ucorefs, ucorefs-web or a YAML file (default: detected from the collections)")
	refuse(fs, "model", "collections and fields are named by a declaration now: run `maint-job declare --print=ucorefs > library.yaml`, "+
		"change the names there, and write --library=library.yaml")
}

func (o *Options) addOutputFlags(fs *pflag.FlagSet) {
	fs.BoolVar(&o.DryRun, "dry-run", o.DryRun, "plan and report; change nothing")
	fs.StringVar(&o.Output, "output", o.Output, "result on stdout: text or json")
	fs.StringVar(&o.LogFormat, "log-format", o.LogFormat, "logs on stderr: text or json")
	fs.StringVar(&o.LogLevel, "log-level", o.LogLevel, "debug, info, warn or error")
	fs.DurationVar(&o.Timeout, "timeout", o.Timeout, "bound on the whole run (0: none)")
	fs.StringVar(&o.RunID, "run-id", o.RunID, "name of this run (default: $"+EnvRunID+", else made from the task and the time, and random)")
	fs.StringVar(&o.ProgressAddress, "progress-address", o.ProgressAddress, `address on which to serve the progress, such as ":8082" (default: nowhere)`)
	fs.StringVar(&o.TerminationLog, "termination-log", o.TerminationLog, "file that also gets the result, where it exists")
}

func (o *Options) addFolderFlags(fs *pflag.FlagSet) {
	fs.StringArrayVar(&o.LibraryRoots, "library-root", o.LibraryRoots, "folder that holds library files (repeatable; default: the roots that the library records)")
	fs.StringArrayVar(&o.CacheDirs, "cache-dir", o.CacheDirs, "cache folder (repeatable)")
	fs.StringVar(&o.LogDir, "log-dir", o.LogDir, "folder that holds *.log files")
	fs.StringVar(&o.IndexDir, "index-dir", o.IndexDir, "folder that holds the FAISS index files")
	fs.StringArrayVar(&o.PathMaps, "path-map", o.PathMaps, "from=to: look up recorded paths below from at to (repeatable)")
}

func (o *Options) addLimitFlags(fs *pflag.FlagSet) {
	fs.Float64Var(&o.MaxDeletePercent, "max-delete-percent", o.MaxDeletePercent, "largest share, in percent, that one run may delete")
	fs.IntVar(&o.MaxDeletes, "max-deletes", o.MaxDeletes, "largest number of records that one run may delete")
	fs.DurationVar(&o.GracePeriod, "grace-period", o.GracePeriod, "how long a file must have been missing before its record may be deleted")
	fs.StringVar(&o.AllowPlan, "allow-plan", o.AllowPlan, "digest of the one plan that may exceed the deletion caps")
}

func (o *Options) addTimeFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.Window, "window", o.Window, `hours in which the run may work, such as "22:00-06:00 Fri,Sat Europe/Berlin" (default: always)`)
	fs.StringVar(&o.ByClock, "by-clock", o.ByClock, `schedule that started this run, such as "30 2 * * * Europe/Berlin": skip it when the clocks show its time for the second time`)
	fs.StringVar(&o.Priority, "priority", o.Priority, "low, normal or high; a high run that finds the database locked has the others pause for it")
	o.Idle.addFlags(fs)
}

func (o *Options) addParameterFlags(fs *pflag.FlagSet) {
	fs.Float64Var(&o.MaxCacheSizeGB, "max-cache-size-gb", o.MaxCacheSizeGB, "cache-cleanup: GiB to keep at most")
	fs.IntVar(&o.MaxAgeDays, "max-age-days", o.MaxAgeDays, "cache-cleanup: days after which an unused file is deleted")
	fs.IntVar(&o.MaxLogFiles, "max-log-files", o.MaxLogFiles, "log-rotation: generations of a log, and log files named by time, to keep")
	fs.Float64Var(&o.MaxLogSizeMB, "max-log-size-mb", o.MaxLogSizeMB, "log-rotation: MiB above which a log is rotated")
	fs.BoolVar(&o.CompressLogs, "compress-logs", o.CompressLogs, "log-rotation: gzip rotated generations")
	fs.BoolVar(&o.LogCopyTruncate, "log-copy-truncate", o.LogCopyTruncate, "log-rotation: copy and truncate, for writers that never reopen")
	fs.IntVar(&o.TaskRetentionDays, "task-retention-days", o.TaskRetentionDays, "cleanup-old-records: days to keep finished task records")
	fs.IntVar(&o.JournalRetentionDays, "journal-retention-days", o.JournalRetentionDays, "cleanup-old-records: days to keep journal entries")
	fs.DurationVar(&o.TimeBudget, "time-budget", o.TimeBudget, "background-count-verification: time to spend in one run (0: until done)")
	fs.Float64Var(&o.CompactThresholdMB, "compact-threshold-mb", o.CompactThresholdMB, "database-optimization: compact only where this many MiB would come back")
	fs.BoolVar(&o.CompactPrimary, "compact-primary", o.CompactPrimary, "database-optimization: compact on a primary too, which blocks its writers")
}

// AddRestoreFlags defines the flags of `maint-job run` that `maint-job restore` has, too.
func (o *Options) AddRestoreFlags(fs *pflag.FlagSet) {
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.AddFlags(all)
	for _, name := range []string{
		"mongodb-uri", "mongodb-uri-file", "database", "dry-run", "output", "log-format", "log-level", "timeout", "run-id", "termination-log", "priority",
	} {
		fs.AddFlag(all.Lookup(name))
	}
}

// Folders are the folders that o names for a task's work.
func (o Options) Folders(t Task) (folders []string) {
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.AddFlags(fs)
	for _, name := range t.Folders {
		for _, folder := range values(fs.Lookup(name)) {
			if folder != "" {
				folders = append(folders, folder)
			}
		}
	}
	return folders
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
