package jobspec

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// parse is what maint-job does with the arguments after its name.
func parse(args []string) (Options, error) {
	o := Defaults()
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.AddFlags(fs)
	err := fs.Parse(args[1:])
	o.Task = fs.Arg(0)
	return o, err
}

// Seen to fail when a field had no flag: it came back as its default.
func TestArgsParseToTheOptionsTheyWereMadeOf(t *testing.T) {
	for seed := range uint64(2000) {
		g := generator{t, rand.New(rand.NewPCG(seed, 1))}
		want := Defaults()
		g.fill(reflect.ValueOf(&want).Elem(), "")
		want.Idle = coherent(want.Idle)
		keepBounds(&want)
		if t, err := TaskByName(want.Task); err == nil && !t.LooksTwice {
			want.ReadPreference = ReadPrimary
		}
		if err := want.Validate(); err != nil {
			t.Fatalf("seed %d: the generator made what is not valid: %v", seed, err)
		}
		got, err := parse(want.Args())
		if err != nil {
			t.Fatalf("seed %d: %v\n%q", seed, err, want.Args())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: %q parses to something else (-want +got):\n%s", seed, want.Args(), diff)
		}
	}
}

func TestDefaultsNeedNoFlags(t *testing.T) {
	o := Defaults()
	o.Task = VerifyReferences
	if diff := cmp.Diff([]string{"run", VerifyReferences}, o.Args()); diff != "" {
		t.Error(diff)
	}
}

func TestArgsNeverHoldTheConnectionString(t *testing.T) {
	o := Defaults()
	o.Task, o.MongoDBURI = VerifyReferences, "mongodb://alice:s3cr3t@db"
	if args := strings.Join(o.Args(), " "); strings.Contains(args, "s3cr3t") || strings.Contains(args, "mongodb-uri") {
		t.Error(args)
	}
}

// generator fills every field of a struct with a random valid value, whatever fields there are. A field of a kind that
// it does not know fails the test.
type generator struct {
	t *testing.T
	*rand.Rand
}

func (g generator) fill(v reflect.Value, name string) {
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			g.fill(v.Field(i), v.Type().Field(i).Name)
		}
		return
	}
	if name != "Task" && g.IntN(3) > 0 { // each field is the default in two of three cases
		return
	}
	if words := words(name); words != nil {
		v.SetString(words[g.IntN(len(words))])
		return
	}
	g.set(v, name)
}

// keepBounds moves each count and size into the bounds that its task declares, and has one process alone where others
// cannot help.
func keepBounds(o *Options) {
	if o.Parallelism = 1 + o.Parallelism%MaxParallelism; !Declared(o.Task).Shared {
		o.Parallelism = 1
	}
	o.Index %= o.Parallelism
	for _, t := range Tasks() {
		for _, p := range t.Parameters {
			switch value := p.Value(o).(type) {
			case *int:
				*value = int(bounded(p, float64(*value)))
			case *float64:
				*value = bounded(p, *value)
			}
		}
	}
}

func bounded(p Parameter, n float64) float64 {
	if p.Most != 0 {
		n = min(n, p.Most)
	}
	return max(n, p.Least)
}

// coherent is an idle gate of which the parts go together.
func coherent(i Idle) Idle {
	if i.IdlePrometheusURL == "" || i.IdlePrometheusQuery == "" {
		i.IdlePrometheusURL, i.IdlePrometheusQuery = "", ""
	}
	if len(i.Probes()) > 0 {
		i.RunOnIdleOnly = true
		i.MaxIdleWait = max(i.MaxIdleWait, i.IdleThreshold)
	}
	return i
}

func taskNames() (names []string) {
	for _, task := range Tasks() {
		names = append(names, task.Name)
	}
	return names
}

// words are the values that a field may hold, where it may not hold just anything.
func words(field string) []string {
	switch field {
	case "Task":
		return taskNames()
	case "Output":
		return []string{OutputText, OutputJSON}
	case "LogFormat":
		return []string{LogText, LogJSON}
	case "LogLevel":
		return []string{"debug", "info", "warn", "error"}
	case "Priority":
		return []string{PriorityLow, PriorityNormal, PriorityHigh}
	case "ReadPreference":
		return []string{ReadPrimary, ReadSecondaryPreferred}
	case "Throttle":
		return []string{ThrottleByPriority, ThrottleOff, ThrottleLow, ThrottleNormal}
	case "IdleOnTimeout":
		return []string{IdleSkip, IdleRun}
	case "IdleHTTPURL", "IdlePrometheusURL":
		return []string{"http://app:8080/idle?why=1,2", "https://prometheus.example/a b", "http://[::1]:9090"}
	case "Window":
		return []string{"22:00-06:00", "09:30-17:45 Mon,Fri", "00:00-23:59 Europe/Berlin", "22:00-06:00 Sat Asia/Tokyo"}
	case "ByClock":
		return []string{"", "30 2 * * * Europe/Berlin", "@daily Asia/Tokyo"}
	case "Database":
		return []string{"", "ucorefs", "ucorefs-2", "bücher"}
	case "MongoDBURI":
		return []string{""} // a secret, never among the arguments
	}
	return nil
}

func (g generator) set(v reflect.Value, name string) {
	switch value := v.Addr().Interface().(type) {
	case *string:
		*value = "/" + g.text()
	case *bool:
		*value = !*value
	case *int:
		*value = 1 + g.IntN(36500)
	case *float64:
		*value = g.Float64() * 100
		if g.IntN(3) == 0 {
			*value = math.Trunc(*value)
		}
	case *time.Duration:
		*value = time.Duration(g.Int64N(int64(1000 * time.Hour)))
	case *[]string:
		*value = nil
		for range 1 + g.IntN(3) {
			*value = append(*value, g.path(name))
		}
	default:
		g.t.Fatalf("the field %s has the type %s: teach this generator, and AddFlags", name, v.Type())
	}
}

func (g generator) path(field string) string {
	if field == "PathMaps" {
		return strings.ReplaceAll(g.text(), "=", "") + "x=/" + g.text()
	}
	return "/" + g.text()
}

// text is anything that a command line can hold, even what needs quoting.
func (g generator) text() string {
	runes := []rune("ab/=,- \"'\\\n\tüж日$%#@:[]{}*")
	text := make([]rune, g.IntN(12))
	for i := range text {
		text[i] = runes[g.IntN(len(runes))]
	}
	return string(text)
}
