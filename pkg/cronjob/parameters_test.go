package cronjob

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// A value of each kind as the resource has it, and as the job's flag takes it.
var values = map[jobspec.Kind]struct{ field, flag string }{
	jobspec.Switch:  {`true`, "true"},
	jobspec.Count:   {`7`, "7"},
	jobspec.Size:    {`"3Gi"`, ""}, // in the parameter's unit
	jobspec.Period:  {`"90s"`, "1m30s"},
	jobspec.PathMap: {`[{"from": "D:/Photos", "to": "/library"}]`, "D:/Photos=/library"},
}

func TestEveryDeclaredParameterReachesTheJob(t *testing.T) {
	for _, task := range jobspec.Tasks() {
		for _, p := range task.Parameters {
			value, known := values[p.Kind()]
			if !known {
				t.Fatalf("--%s: write a value of its kind into values in this test", p.Flag)
			}
			if p.Kind() == jobspec.Size {
				value.flag = fmt.Sprint(3 << 30 / int64(p.Unit))
			}
			var spec v1alpha1.TaskParameters
			member := fmt.Sprintf(`{"%s": {"%s": %s}}`, task.Member(), p.Field, value.field)
			d := json.NewDecoder(strings.NewReader(member))
			d.DisallowUnknownFields()
			if err := d.Decode(&spec); err != nil {
				t.Errorf("the resource has no spec.%s.%s: run make generate (%v)", task.Member(), p.Field, err)
				continue
			}
			o := jobspec.Defaults()
			o.Task = task.Name
			if err := setParameters(&o, task, spec); err != nil {
				t.Errorf("%s: %v", member, err)
			}
			if want := "--" + p.Flag + "=" + value.flag; !slices.Contains(o.Args(), want) {
				t.Errorf("%s becomes %q, without %s", member, o.Args(), want)
			}
		}
	}
}

func TestParametersOfAnotherTaskAreNotGivenToTheJob(t *testing.T) {
	o := jobspec.Defaults()
	days := int32(7)
	spec := v1alpha1.TaskParameters{CacheCleanup: &v1alpha1.CacheCleanupSpec{MaxAgeDays: &days}}
	err := setParameters(&o, jobspec.Declared(jobspec.LogRotation), spec)
	if err != nil || o.MaxAgeDays != jobspec.Defaults().MaxAgeDays {
		t.Errorf("%+v, %v", o.Parameters, err)
	}
}

func TestEveryLimitHasItsFieldAndItsFlag(t *testing.T) {
	var fields, declared []string
	for field := range reflect.TypeFor[v1alpha1.LimitsSpec]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		fields = append(fields, name)
	}
	for _, limit := range jobspec.LimitFlags() {
		declared = append(declared, limit.Field)
	}
	if diff := cmp.Diff(declared, fields); diff != "" {
		t.Errorf("spec.limits and the flags differ: write each limit into LimitsSpec in pkg/api/v1alpha1/spec_types.go, "+
			"setGuards in pkg/cronjob/options.go and addLimitFlags in pkg/jobspec/flags.go (-flags +fields):\n%s", diff)
	}
}
