package jobspec

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// Parameter declares one setting of one task: its flag, its field in the resource, and its member in a config.json.
type Parameter struct {
	// Flag is the name of the flag, without dashes.
	Flag string
	// Field is the name in the resource, below the task's Member.
	Field string
	// ConfigKey is the name in a schedule of UCore FS's config.json; empty: that file has no such setting. Only a
	// Switch, a Count and a Size may have one.
	ConfigKey string
	// Words say what the value means, as a phrase without a full stop: in the help, in the resource and in the
	// documentation.
	Words string
	// Default is the value in Defaults, as the flag takes it. A Switch is false and a PathMap is empty.
	Default string
	// Unit is what the flag and config.json count a Size in; the resource takes a quantity such as 10Gi.
	Unit Unit
	// Least and Most bound a Count or a Size, as the flag takes it. A Most of 0 is no bound.
	Least, Most float64
	// Value is where the options keep the value; its type decides the Kind.
	Value func(*Options) any
}

// Unit is a number of bytes.
type Unit int64

// The units of sizes.
const (
	MiB Unit = 1 << 20
	GiB Unit = 1 << 30
)

// String is the unit as a text names it.
func (u Unit) String() string {
	if u == GiB {
		return "GiB"
	}
	return "MiB"
}

// Symbol is the unit as a quantity of the resource has it.
func (u Unit) Symbol() string { return strings.TrimSuffix(u.String(), "B") }

// Kind is what a parameter's value is.
type Kind int

// The kinds, each with the type that Parameter.Value points to.
const (
	Switch  Kind = iota // bool
	Count               // int
	Size                // float64, in Parameter.Unit
	Period              // time.Duration
	PathMap             // []string, each "from=to"
)

// Kind is what the value is. It panics for a type that no kind has.
func (p Parameter) Kind() Kind {
	switch value := p.Value(&Options{}).(type) {
	case *bool:
		return Switch
	case *int:
		return Count
	case *float64:
		return Size
	case *time.Duration:
		return Period
	case *[]string:
		return PathMap
	default:
		panic(fmt.Sprintf("--%s is a %T: use a *bool, *int, *float64, *time.Duration or *[]string, or add a Kind in "+
			"pkg/jobspec/parameter.go", p.Flag, value))
	}
}

// Quantity is the default as the resource writes it.
func (p Parameter) Quantity() string {
	if p.Kind() == Size {
		return p.Default + p.Unit.Symbol()
	}
	return p.Default
}

// Set gives the parameter its value in o, in the way a flag would: one text, or each of a PathMap.
func (p Parameter) Set(o *Options, values ...string) error {
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	p.addFlag(fs, o, "")
	f := fs.Lookup(p.Flag)
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return list.Replace(values)
	}
	if len(values) != 1 {
		return fmt.Errorf("--%s has %d values: give one", p.Flag, len(values))
	}
	return f.Value.Set(values[0])
}

// setDefault panics where the flag does not take the declared default.
func (p Parameter) setDefault(o *Options) {
	if p.Default == "" {
		return
	}
	if err := p.Set(o, p.Default); err != nil {
		panic(fmt.Sprintf("--%s: the declared default: %v", p.Flag, err))
	}
}

// addFlag defines the flag on fs, with the value that o has as its default.
func (p Parameter) addFlag(fs *pflag.FlagSet, o *Options, task string) {
	usage := task + ": " + p.Words
	if p.Kind() == Size {
		usage += ", in " + p.Unit.String()
	}
	switch value := p.Value(o).(type) {
	case *bool:
		fs.BoolVar(value, p.Flag, *value, usage)
	case *int:
		fs.IntVar(value, p.Flag, *value, usage)
	case *float64:
		fs.Float64Var(value, p.Flag, *value, usage)
	case *time.Duration:
		fs.DurationVar(value, p.Flag, *value, usage)
	case *[]string:
		fs.StringArrayVar(value, p.Flag, *value, usage+" (FROM=TO, repeatable)")
	}
}

// check says what is wrong with the value that o has.
func (p Parameter) check(o *Options) error {
	switch value := p.Value(o).(type) {
	case *int:
		return between(p.Flag, float64(*value), p.Least, p.Most)
	case *float64:
		return between(p.Flag, *value, p.Least, p.Most)
	case *time.Duration:
		return notNegative(p.Flag, *value)
	case *[]string:
		return pathMaps(p.Flag, *value)
	}
	return nil
}

// between refuses a number outside of the bounds; a most of 0 is no bound.
func between(flag string, value, least, most float64) error {
	switch {
	case !(value >= least): // written so that NaN fails too
		return fmt.Errorf("--%s=%v: use %v or more", flag, value, least)
	case most != 0 && value > most:
		return fmt.Errorf("--%s=%v: use %v or less", flag, value, most)
	case math.IsInf(value, 1):
		return fmt.Errorf("--%s=%v: use a number", flag, value)
	}
	return nil
}

func notNegative(flag string, d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("--%s=%v: use 0 or more", flag, d)
	}
	return nil
}

func pathMaps(flag string, pairs []string) error {
	var errs []error
	for _, pair := range pairs {
		if from, to, ok := strings.Cut(pair, "="); !ok || from == "" || !filepath.IsAbs(to) {
			errs = append(errs, fmt.Errorf("--%s=%q: use FROM=TO, where TO is an absolute path", flag, pair))
		}
	}
	return errors.Join(errs...)
}
