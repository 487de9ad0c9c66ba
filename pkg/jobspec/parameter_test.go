package jobspec

import (
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Each message says what to write, and where, for whoever declares a task.
func TestADeclarationIsWhole(t *testing.T) {
	keys, flags := map[string]string{}, map[string]string{}
	for _, task := range Tasks() {
		for _, p := range task.Parameters {
			for _, problem := range incomplete(p) {
				t.Errorf("%s, parameter %q: %s", task.Name, p.Flag, problem)
			}
			if other, twice := flags[p.Flag]; twice {
				t.Errorf("--%s is a flag of %s and of %s: rename one", p.Flag, other, task.Name)
			}
			if other, twice := keys[p.ConfigKey]; twice && p.ConfigKey != "" {
				t.Errorf("%s is a ConfigKey of %s and of %s: rename one", p.ConfigKey, other, task.Name)
			}
			flags[p.Flag], keys[p.ConfigKey] = task.Name, task.Name
		}
		if task.Summary == "" || task.Interval == "" || len(task.Counts) == 0 || strings.HasSuffix(task.Summary, ".") {
			t.Errorf("%s: declare its Summary, without a full stop, its Interval and its Counts", task.Name)
		}
		if !task.Database && len(task.Folders) == 0 {
			t.Errorf("%s works on nothing: declare Database or Folders", task.Name)
		}
	}
}

var (
	flagName  = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	fieldName = regexp.MustCompile(`^[a-z]+([A-Z][a-z]+)*$`)
	keyName   = regexp.MustCompile(`^([a-z]+(_[a-z]+)*)?$`)
)

// incomplete is what a declaration lacks.
func incomplete(p Parameter) (problems []string) {
	say := func(wrong bool, problem string) {
		if wrong {
			problems = append(problems, problem)
		}
	}
	if p.Value == nil {
		return []string{"declare Value, a function that returns where the options keep it"}
	}
	kind := p.Kind()
	say(!flagName.MatchString(p.Flag), "declare Flag, such as max-age-days")
	say(!fieldName.MatchString(p.Field), "declare Field, such as maxAgeDays")
	say(!keyName.MatchString(p.ConfigKey), "write ConfigKey as max_age_days")
	say(p.Words == "" || strings.HasSuffix(p.Words, ".") || strings.ToLower(p.Words[:1]) != p.Words[:1],
		"declare Words, a phrase that begins with a small letter and has no full stop")
	say(p.Default == "" && (kind == Count || kind == Size || kind == Period), "declare Default")
	say(p.Default != "" && (kind == Switch || kind == PathMap),
		"a Switch is off and a PathMap is empty by default: remove Default")
	say((p.Unit != 0) != (kind == Size), "a Size, and nothing else, has a Unit: declare MiB or GiB")
	say(p.ConfigKey != "" && (kind == Period || kind == PathMap),
		"no ConfigKey holds a Period or a PathMap: teach pkg/manifests to read one first")
	say(p.Most > math.MaxInt32 && kind == Count, "the resource holds a Count in 32 bits: lower Most")
	return problems
}

// Seen to fail for a field without a declaration, and for two declarations of one field.
func TestEveryFieldOfTheParametersIsDeclaredOnce(t *testing.T) {
	var o Options
	owners := map[uintptr][]string{}
	for _, task := range Tasks() {
		for _, p := range task.Parameters {
			at := reflect.ValueOf(p.Value(&o)).Pointer()
			owners[at] = append(owners[at], p.Flag)
		}
	}
	all := reflect.ValueOf(&o.Parameters).Elem()
	for i := range all.NumField() {
		for j := range all.Field(i).NumField() {
			field := all.Type().Field(i).Name + "." + all.Field(i).Type().Field(j).Name
			flags := owners[all.Field(i).Field(j).Addr().Pointer()]
			if len(flags) != 1 {
				t.Errorf("%s is the Value of the parameters %q: declare exactly one in the file of its task", field, flags)
			}
		}
	}
}

func TestATasksLimitsAndFoldersAreFlags(t *testing.T) {
	for _, task := range Tasks() {
		for _, flag := range task.Folders {
			FolderByFlag(flag)
		}
		for _, flag := range task.Limits {
			if !slices.ContainsFunc(LimitFlags(), func(l LimitFlag) bool { return l.Flag == flag }) {
				t.Errorf("%s: no limit has the flag --%s: use one of addLimitFlags in pkg/jobspec/flags.go", task.Name, flag)
			}
		}
	}
}

func TestAParameterIsSetAsItsFlagWouldSetIt(t *testing.T) {
	for flag, values := range map[string][]string{
		"max-age-days": {"7"}, "max-cache-size-gb": {"0.5"}, "compress-logs": {"true"}, "time-budget": {"90s"},
		"path-map": {"D:/a=/b", "E:/c=/d,e"},
	} {
		var args []string
		got := Defaults()
		for _, task := range Tasks() {
			for _, p := range task.Parameters {
				if p.Flag == flag {
					if err := p.Set(&got, values...); err != nil {
						t.Errorf("--%s: %v", flag, err)
					}
				}
			}
		}
		for _, value := range values {
			args = append(args, "--"+flag+"="+value)
		}
		if want, err := parse(append([]string{"run"}, args...)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("--%s: %+v, want %+v, %v", flag, got, want, err)
		}
	}
}
