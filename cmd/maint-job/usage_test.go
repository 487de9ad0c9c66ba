package main

import (
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

func TestWrongCommandLinesSayWhatToWriteInstead(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no arguments show the usage": {nil, 64, "maint-job run TASK"},
		"an unknown command names the commands": {[]string{"xyzzyx"}, 64,
			"use run, list, restore, manifests, check, roots, declare or version"},
		"no task":                              {[]string{"run"}, 64, "maint-job list"},
		"a misspelt command names the nearest": {[]string{"lsit"}, 64, "unknown command \"lsit\": did you mean list?"},
		"a command with a letter too many":     {[]string{"runn"}, 64, "did you mean run?"},
		"an unknown task names the nearest": {[]string{"run", "verify-referense"}, 64,
			`did you mean "verify-references"?`},
		"a short name with a mistake in it": {[]string{"run", "verfy"}, 64, `did you mean "verify-references"?`},
		"a name that is like no task's": {[]string{"run", "xyz"}, 64,
			"unknown task \"xyz\": `maint-job list` shows all tasks"},
		"an unknown task in the guide's spelling": {[]string{"run", "rebuild_all_count"}, 64,
			`did you mean "rebuild-all-counts"?`},
		"two tasks": {[]string{"run", "verify-references", "cache-cleanup"}, 64,
			"cache-cleanup is one too many"},
		"an unknown flag": {[]string{"run", "verify-references", "--dryrun"}, 64,
			"--help shows all flags"},
		"a value of the wrong type": {[]string{"run", "verify-references", "--max-deletes=many"},
			64, "max-deletes"},
		"a negative limit": {[]string{"run", "verify-references", "--max-deletes=-1"}, 64,
			"use 0 or more"},
		"a flag of another task": {[]string{"run", "rebuild-all-counts",
			"--max-cache-size-gb=3"}, 64, "--max-cache-size-gb is a flag of cache-cleanup, not of rebuild-all-counts"},
		"a flag of another task, by the guide's name": {[]string{"run", "maintenance_rebuild_all_counts", "--dry-run",
			"--path-map=/a=/b"}, 64, "a flag of cleanup-orphaned-file-records"},
		"an output that does not exist": {[]string{"run", "verify-references", "--output=xml"}, 64,
			"use text, json"},
		"a database name that no server takes": {[]string{"run", "verify-references", "--database=a/b"}, 64,
			"--database"},
		"a flag of an earlier version": {[]string{"run", "verify-references", "--model=names.json"},
			64, "maint-job declare --print=ucorefs > library.yaml"},
		"no database at all": {[]string{"run", "verify-references"}, 78, "set $MONGODB_URI"},
		"a file with the connection string that is not there": {[]string{"run", "verify-references",
			"--mongodb-uri-file=/nonexistent/uri"}, 78, "--mongodb-uri-file"},
		"manifests without a file": {[]string{"manifests"}, 64,
			"maint-job manifests -f config.json"},
		"manifests of a file that is not there": {[]string{"manifests", "-f", "/nonexistent/config.json"}, 64,
			"no such file"},
		"manifests of a file without the flag": {[]string{"manifests", "config.json"}, 64,
			"name the file with -f"},
		"manifests with a library that is a cache": {[]string{"manifests", "-f", "x", "--library-root=data=/l",
			"--cache-dir=data=/c"}, 64, "--cache-dir and --library-root both name the claim data"},
		"manifests with a library that has logs": {[]string{"manifests", "-f", "x", "--library-root=data=/l",
			"--log-dir=data=/c"}, 64, "--log-dir and --library-root both name the claim data"},
		"manifests with logs in a cache": {[]string{"manifests", "-f", "x", "--log-dir=data=/l",
			"--cache-dir=data=/c"}, 64, "--cache-dir and --log-dir both name the claim data"},
		"manifests with an index in a cache": {[]string{"manifests", "-f", "x", "--index-dir=data=/l",
			"--cache-dir=data=/c"}, 64, "--cache-dir and --index-dir both name the claim data"},
		"manifests with half a volume": {[]string{"manifests", "-f", "x", "--cache-dir=/cache"}, 64,
			"write CLAIM=PATH"},
		"manifests with an unknown flag": {[]string{"manifests", "--config=x"}, 64,
			"manifests --help shows all flags"},
		"declare a library that is not built in": {[]string{"declare", "--print=shop"}, 64,
			"use ucorefs or ucorefs-web"},
		"list with an argument": {[]string{"list", "nonsense"}, 64, "list takes no arguments"},
		"list with an argument and a flag": {[]string{"list", "nonsense", "--foo"}, 64,
			"maint-job list --help shows all flags"},
		"list with an unknown flag": {[]string{"list", "--foo"}, 64,
			"maint-job list --help shows all flags"},
		"version with an argument":        {[]string{"version", "1"}, 64, "version takes no arguments"},
		"check with an argument":          {[]string{"check", "now"}, 64, "check takes no arguments"},
		"check with a value that is none": {[]string{"check", "--output=xml"}, 64, "use text, json"},
		"declare with an argument": {[]string{"declare", "ucorefs"}, 64,
			"declare takes no arguments"},
		"a flag of no command":       {[]string{"--foo"}, 64, "maint-job --help shows all flags"},
		"help of an unknown command": {[]string{"help", "ruin"}, 64, "unknown command \"ruin\""},
		"help with one word too many": {[]string{"help", "list", "ruin"}, 64,
			"unknown command \"ruin\""},
		"help of a task with an unknown flag": {[]string{"help", "run", "cache-cleanup", "--foo"}, 64,
			"unknown flag"},
		"completion of no shell": {[]string{"completion"}, 64, "bash, zsh, fish or powershell"},
		"completion of an unknown shell": {[]string{"completion", "csh"}, 64,
			"bash, zsh, fish or powershell"},
		"a misspelt flag names the nearest": {[]string{"run", "verify-references", "--time-out=1m"}, 64,
			"did you mean --timeout?"},
		"a value apart from its flag": {[]string{"run", "verify-references", "--dry-run", "false"}, 64,
			"--dry-run=false"},
		"declare without a database": {[]string{"declare"}, 78, "it is empty"},
		"declare of no documents":    {[]string{"declare", "--sample=0"}, 64, "use 1 or more"},
		"a short flag that does not exist is like no other": {[]string{"declare", "-o", "json"}, 64,
			"'o' in -o: maint-job declare --help shows all flags"},
		"restore without a run":               {[]string{"restore"}, 64, "--run ID"},
		"restore without a database":          {[]string{"restore", "--run=x"}, 78, "set $MONGODB_URI"},
		"restore with the run as an argument": {[]string{"restore", "tidy-1"}, 64, "write --run=ID"},
		"restore with a value apart from its flag": {[]string{"restore", "--run=x", "--dry-run", "false"}, 64,
			"--dry-run=false"},
		"restore with a flag of run": {[]string{"restore", "--run=x", "--max-deletes=1"}, 64,
			"restore --help shows all flags"},
		"restore is no task": {[]string{"run", "restore"}, 64, "unknown task \"restore\""},
	} {
		t.Run(name, func(t *testing.T) {
			r := job(t, nil, c.args...)
			r.want(t, c.code)
			if !strings.Contains(r.out+r.errs, c.says) {
				t.Errorf("it does not say %q:\n%s%s", c.says, r.out, r.errs)
			}
		})
	}
}

// Seen to fail when the output was read from the flags that had been parsed before the mistake.
func TestAWrongCommandLineToldToSpeakJSONDoes(t *testing.T) {
	for name, args := range map[string][]string{
		"JSON is asked for before the mistake": {"run", "--output=json", "verify-references", "--bogus"},
		"JSON is asked for after the mistake":  {"run", "verify-references", "--bogus", "--output=json"},
		"in two words":                         {"run", "verify-references", "--max-deletes=x", "--output", "json"},
		"the task is unknown":                  {"run", "nothing", "--output=json"},
		"there is no task":                     {"run", "--output=json"},
		"restore of no run":                    {"restore", "--output=json"},
		"restore with an unknown flag":         {"restore", "--bogus", "--output=json"},
	} {
		t.Run(name, func(t *testing.T) {
			r := job(t, nil, args...)
			r.want(t, jobspec.ExitUsage)
			if got := r.result(t); got.Outcome != report.Failed || got.Reason != report.ReasonUsage {
				t.Errorf("got %s/%s", got.Outcome, got.Reason)
			}
		})
	}
}

func TestHelpListAndVersion(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		says []string
	}{
		"version": {[]string{"version"}, []string{"maint-job " + version}},
		"help":    {[]string{"--help"}, []string{"maint-job run TASK", "maint-job restore"}},
		"help of run": {[]string{"run", "--help"}, []string{"--dry-run", "--max-delete-percent",
			"verify-references"}},
		"help of one task": {[]string{"run", "rebuild_all_counts", "--help"},
			[]string{"maint-job run rebuild-all-counts: recompute"}},
		"help of restore":        {[]string{"restore", "--help"}, []string{"--run", "--dry-run"}},
		"a built-in declaration": {[]string{"declare", "--print=ucorefs-web"}, []string{"library: ucorefs-web"}},
		"help of declare":        {[]string{"declare", "--help"}, []string{"--print"}},
		"list names every task":  {[]string{"list"}, names()},
		"help of list":           {[]string{"list", "--help"}, []string{"Show the tasks"}},
		"help as a command": {[]string{"help", "run", "cache_cleanup"}, []string{"maint-job run cache-cleanup: delete",
			"--cache-dir"}},
		"the version as a flag": {[]string{"--version"}, []string{"maint-job " + version}},
		"completion for bash":   {[]string{"completion", "bash"}, []string{"__start_maint-job"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := job(t, nil, c.args...)
			r.want(t, jobspec.ExitOK)
			for _, says := range c.says {
				if !strings.Contains(r.out, says) {
					t.Errorf("it does not say %q:\n%s", says, r.out)
				}
			}
			if r.errs != "" {
				t.Errorf("standard error: %s", r.errs)
			}
		})
	}
}

func TestHelpOfATaskShowsOnlyWhatMattersToIt(t *testing.T) {
	for task, hidden := range map[string][]string{
		"verify-references": {"--max-deletes", "--cache-dir", "--max-age-days", "Folders:"},
		"cache-cleanup":     {"--mongodb-uri", "--max-deletes", "--library-root"},
	} {
		r := job(t, nil, "run", task, "--help")
		for _, flag := range hidden {
			if strings.Contains(r.out, flag) {
				t.Errorf("%s shows %s:\n%s", task, flag, r.out)
			}
		}
	}
}

func TestTheShellIsToldTheTasks(t *testing.T) {
	r := job(t, nil, "__complete", "run", "ver")
	r.want(t, jobspec.ExitOK)
	if !strings.Contains(r.out, "verify-references\treport") {
		t.Errorf("it says %q", r.out)
	}
}

func names() (names []string) {
	for _, task := range all.Tasks() {
		names = append(names, task.Name)
	}
	return names
}
