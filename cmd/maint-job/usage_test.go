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
		"no arguments show the usage":             {nil, 64, "maint-job run TASK"},
		"an unknown command names the commands":   {[]string{"ruin"}, 64, "use run, list, restore, manifests, check, declare or version"},
		"no task":                                 {[]string{"run"}, 64, "maint-job list"},
		"an unknown task names the nearest":       {[]string{"run", "verify-referense"}, 64, `did you mean "verify-references"?`},
		"a short name with a mistake in it":       {[]string{"run", "verfy"}, 64, `did you mean "verify-references"?`},
		"a name that is like no task's":           {[]string{"run", "xyz"}, 64, "unknown task \"xyz\": `maint-job list` shows all tasks"},
		"an unknown task in the guide's spelling": {[]string{"run", "rebuild_all_count"}, 64, `did you mean "rebuild-all-counts"?`},
		"two tasks":                                           {[]string{"run", "verify-references", "cache-cleanup"}, 64, "cache-cleanup is one too many"},
		"an unknown flag":                                     {[]string{"run", "verify-references", "--dryrun"}, 64, "--help shows all flags"},
		"a value of the wrong type":                           {[]string{"run", "verify-references", "--max-deletes=many"}, 64, "max-deletes"},
		"a negative limit":                                    {[]string{"run", "verify-references", "--max-deletes=-1"}, 64, "use 0 or more"},
		"an output that does not exist":                       {[]string{"run", "verify-references", "--output=xml"}, 64, "use text, json"},
		"a database name that no server takes":                {[]string{"run", "verify-references", "--database=a/b"}, 64, "--database"},
		"a flag of an earlier version":                        {[]string{"run", "verify-references", "--model=names.json"}, 64, "maint-job declare --print=ucorefs > library.yaml"},
		"no database at all":                                  {[]string{"run", "verify-references"}, 78, "set $MONGODB_URI"},
		"a file with the connection string that is not there": {[]string{"run", "verify-references", "--mongodb-uri-file=/nonexistent/uri"}, 78, "--mongodb-uri-file"},
		"manifests without a file":                            {[]string{"manifests"}, 64, "maint-job manifests -f config.json"},
		"manifests of a file that is not there":               {[]string{"manifests", "-f", "/nonexistent/config.json"}, 64, "no such file"},
		"manifests of a file without the flag":                {[]string{"manifests", "config.json"}, 64, "name the file with -f"},
		"manifests with half a volume":                        {[]string{"manifests", "-f", "x", "--cache-dir=/cache"}, 64, "write CLAIM=PATH"},
		"manifests with an unknown flag":                      {[]string{"manifests", "--config=x"}, 64, "manifests --help shows all flags"},
		"declare a library that is not built in":              {[]string{"declare", "--print=shop"}, 64, "use ucorefs or ucorefs-web"},
		"declare without a database":                          {[]string{"declare"}, 78, "it is empty"},
		"declare of no documents":                             {[]string{"declare", "--sample=0"}, 64, "use 1 or more"},
		"restore without a run":                               {[]string{"restore"}, 64, "--run ID"},
		"restore without a database":                          {[]string{"restore", "--run=x"}, 78, "it is empty"},
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
		"version":                {[]string{"version"}, []string{"maint-job " + version}},
		"help":                   {[]string{"--help"}, []string{"maint-job run TASK", "maint-job restore"}},
		"help of run":            {[]string{"run", "--help"}, []string{"--dry-run", "--max-delete-percent"}},
		"help of one task":       {[]string{"run", "rebuild_all_counts", "--help"}, []string{"maint-job run rebuild-all-counts: recompute"}},
		"help of restore":        {[]string{"restore", "--help"}, []string{"--run", "--dry-run"}},
		"a built-in declaration": {[]string{"declare", "--print=ucorefs-web"}, []string{"library: ucorefs-web"}},
		"help of declare":        {[]string{"declare", "--help"}, []string{"--print"}},
		"list names every task":  {[]string{"list"}, names()},
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

func names() (names []string) {
	for _, task := range all.Tasks() {
		names = append(names, task.Name)
	}
	return names
}
