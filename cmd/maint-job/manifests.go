package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/manifests"
)

// conversion is the command line of `maint-job manifests`.
type conversion struct {
	manifests.Options
	file      string
	keepGoing bool
}

// convert prints the schedules of a config.json.
func convert(args []string, in io.Reader, out, errs io.Writer) int {
	var c conversion
	fs, finish := c.flags()
	switch err := fs.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprintf(out, "%s\n\n%s", convertUsage, fs.FlagUsages())
		return jobspec.ExitOK
	case err != nil:
		return complain(errs, fmt.Errorf("%w; maint-job manifests --help shows all flags", err))
	}
	if err := finish(fs.Args()); err != nil {
		return complain(errs, err)
	}
	config, err := c.read(in)
	if err != nil {
		return complain(errs, err)
	}
	schedules, wrong := manifests.Convert(config, c.Options)
	if wrong != nil {
		complain(errs, wrong)
	}
	if wrong == nil || c.keepGoing {
		if err := manifests.Write(out, schedules); err != nil {
			fmt.Fprintln(errs, "maint-job:", err)
			return jobspec.ExitInternal
		}
		c.advise(schedules, errs)
	}
	switch {
	case wrong == nil:
		return jobspec.ExitOK
	case c.keepGoing:
		fmt.Fprintf(errs, "maint-job: schedules that came out: %d; those with an error did not\n", len(schedules))
	default:
		fmt.Fprintln(errs, "maint-job: nothing came out; --keep-going prints the schedules that are right")
	}
	return jobspec.ExitBadData
}

const convertUsage = `maint-job manifests -f config.json | kubectl apply -f -

Prints the maintenance section of a UCore FS config.json as MaintenanceSchedules. What the flags leave out comes from the chart's values.`

// flags are those of `maint-job manifests`, and what completes c when they are parsed.
func (c *conversion) flags() (*pflag.FlagSet, func(rest []string) error) {
	fs := pflag.NewFlagSet("maint-job manifests", pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.SortFlags = false
	fs.StringVarP(&c.file, "file", "f", "", "the config.json, or - for standard input")
	fs.StringVarP(&c.Namespace, "namespace", "n", "", "namespace of the schedules (default: kubectl's)")
	fs.StringVar(&c.TimeZone, "time-zone", "", "zone of preferred_hour, such as Europe/Berlin (default: UTC)")
	fs.BoolVar(&c.DryRun, "dry-run", false, "print schedules that only plan and report")
	fs.BoolVar(&c.keepGoing, "keep-going", false, "print the schedules that are right although others are not")
	fs.StringVar(&c.Database.SecretName, "secret-name", "", "Secret that holds the connection string")
	fs.StringVar(&c.Database.SecretKey, "secret-key", "", "key in that Secret")
	fs.StringVar(&c.Database.Name, "database", "", "database")
	volumes := map[string]*[]string{}
	for _, use := range []string{"library-root", "cache-dir", "log-dir", "index-dir"} {
		volumes[use] = fs.StringArray(use, nil, "CLAIM=PATH: volume claim for that, and where the pods see it (repeatable)")
	}
	return fs, func(rest []string) error {
		switch {
		case len(rest) > 0:
			return fmt.Errorf("%s is one too many: name the file with -f", strings.Join(rest, " "))
		case c.file == "":
			return errors.New("which file? maint-job manifests -f config.json, or -f - for standard input")
		}
		return c.setVolumes(volumes)
	}
}

func (c *conversion) setVolumes(volumes map[string]*[]string) error {
	uses := manifests.Uses()
	for _, flag := range slices.Sorted(maps.Keys(volumes)) {
		for _, v := range *volumes[flag] {
			claim, path, ok := strings.Cut(v, "=")
			if !ok || claim == "" || !strings.HasPrefix(path, "/") {
				return fmt.Errorf("--%s %q: write CLAIM=PATH, the name of a PersistentVolumeClaim and where the pods see it, such as photos=/library/photos", flag, v)
			}
			c.Volumes = append(c.Volumes, manifests.Volume{ClaimName: claim, MountPath: path, Use: uses[flag]})
		}
	}
	return nil
}

func (c *conversion) read(in io.Reader) ([]byte, error) {
	if c.file == "-" {
		config, err := io.ReadAll(in)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return config, nil
	}
	config, err := os.ReadFile(c.file)
	if err != nil {
		return nil, fmt.Errorf("read -f: %w", err)
	}
	return config, nil
}

// advise says what the file leaves open.
func (c *conversion) advise(schedules []manifests.Manifest, errs io.Writer) {
	preferred := slices.ContainsFunc(schedules, func(m manifests.Manifest) bool { return m.Spec.PreferredHour != nil })
	if preferred && c.TimeZone == "" {
		fmt.Fprintln(errs, "maint-job: preferred_hour is taken as UTC; --time-zone Europe/Berlin, for example, takes it as local time")
	}
}
