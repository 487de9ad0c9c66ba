package manifests

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// Flags are the command line of whoever converts a config.json: `maint-job manifests` and `kubectl maint import`. The
// namespace is not among them, which each of the two has from elsewhere.
type Flags struct {
	File      string // - for standard input
	KeepGoing bool
	Options   Options // whole after Complete

	volumes map[string]*[]string
}

// Add defines the flags on fs.
func (f *Flags) Add(fs *pflag.FlagSet) {
	fs.StringVarP(&f.File, "file", "f", "", "the config.json, or - for standard input")
	fs.StringVar(&f.Options.TimeZone, "time-zone", "", "zone of preferred_hour, such as Europe/Berlin (default: UTC)")
	fs.BoolVar(&f.KeepGoing, "keep-going", false, "take the schedules that are right although others are not")
	fs.StringVar(&f.Options.Database.SecretName, "secret-name", "", "Secret that holds the connection string")
	fs.StringVar(&f.Options.Database.SecretKey, "secret-key", "", "key in that Secret")
	fs.StringVar(&f.Options.Database.Name, "database", "", "database (default: the file's mongo.database_name)")
	f.volumes = map[string]*[]string{}
	for _, folder := range jobspec.Folders() {
		f.volumes[folder.Flag] = fs.StringArray(folder.Flag, nil,
			"CLAIM=PATH: volume claim for that, and where the pods see it (repeatable)")
	}
}

// Complete reads the volumes out of the flags that were parsed.
func (f *Flags) Complete() error {
	for _, flag := range slices.Sorted(maps.Keys(f.volumes)) {
		for _, v := range *f.volumes[flag] {
			claim, path, ok := strings.Cut(v, "=")
			if !ok || claim == "" || !strings.HasPrefix(path, "/") {
				return fmt.Errorf("--%s %q: write CLAIM=PATH, the name of a PersistentVolumeClaim and where the pods "+
					"see it, such as photos=/library/photos", flag, v)
			}
			f.Options.Volumes = append(f.Options.Volumes,
				Volume{ClaimName: claim, MountPath: path, Use: jobspec.FolderByFlag(flag).Use})
		}
	}
	return f.refuseShared()
}

// conflict is two flags that must not name one claim: a task would delete from the folder of one what the other names.
type conflict struct{ cleaned, other, holds string }

func conflicts() []conflict {
	return []conflict{
		{"cache-dir", "library-root", "the library"},
		{"cache-dir", "log-dir", "the logs"},
		{"cache-dir", "index-dir", "the index"},
		{"log-dir", "library-root", "the library"},
	}
}

// refuseShared refuses a claim that two flags in conflict name: no schedule shows both, since each gets the volumes of
// its own task only.
func (f *Flags) refuseShared() error {
	for _, c := range conflicts() {
		for _, claim := range f.claims(c.cleaned) {
			if slices.Contains(f.claims(c.other), claim) {
				return fmt.Errorf("--%s and --%s both name the claim %s, so that the task would delete from "+
					"%s: name another claim, or leave one of the flags out and add its volumes to the schedules with a "+
					"subPath for each", c.cleaned, c.other, claim, c.holds)
			}
		}
	}
	return nil
}

// claims are those that a flag names.
func (f *Flags) claims(flag string) (names []string) {
	for _, v := range f.Options.Volumes {
		if v.Use == jobspec.FolderByFlag(flag).Use {
			names = append(names, v.ClaimName)
		}
	}
	return names
}

// Read is the file.
func (f *Flags) Read(in io.Reader) ([]byte, error) {
	if f.File == "-" {
		config, err := io.ReadAll(in)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return config, nil
	}
	config, err := os.ReadFile(f.File)
	if err != nil {
		return nil, fmt.Errorf("read -f: %w", err)
	}
	return config, nil
}
