package form

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const document = `{"components":{"schemas":{"other":{},"x":{"x-kubernetes-group-version-kind":[{"kind":"Thing"}],"properties":{"spec":{"required":["task"],"properties":{
"zebra":{"type":"boolean","default":false},
"task":{"type":"string","enum":["a","b"]},
"hour":{"type":"integer","minimum":0,"maximum":23,"default":3},
"size":{"x-kubernetes-int-or-string":true},
"window":{"type":"object","required":["start"],"properties":{"start":{"type":"string","maxLength":5},"days":{"type":"array","items":{"type":"string"}}}},
"idle":{"type":"object","properties":{"threshold":{"type":"string","default":"5m"}}},
"volumes":{"type":"array","items":{"type":"object"}}}}}}}}}`

func parse(t *testing.T) []Field {
	t.Helper()
	fields, err := Parse([]byte(document), "Thing", []string{"task", "window"})
	if err != nil {
		t.Fatal(err)
	}
	return fields
}

func TestAFormHasTheFieldsLimitsAndChoicesOfTheSchema(t *testing.T) {
	want := []Field{
		{Path: "spec.task", Name: "task", Label: "task", Kind: Choice, Required: true, Options: []string{"a", "b"}},
		{Path: "spec.window", Name: "window", Label: "window", Kind: Group, Fields: []Field{
			{Path: "spec.window.days", Name: "days", Label: "days", Kind: List},
			{Path: "spec.window.start", Name: "start", Label: "start", Kind: Text, Required: true, MaxLength: 5}}},
		{Path: "spec.hour", Name: "hour", Label: "hour", Kind: Number, Least: "0", Most: "23", Default: "3"},
		{Path: "spec.idle", Name: "idle", Label: "idle", Kind: Group, Optional: true, Fields: []Field{
			{Path: "spec.idle.threshold", Name: "threshold", Label: "threshold", Kind: Text, Default: "5m"}}},
		{Path: "spec.size", Name: "size", Label: "size", Kind: Text},
		{Path: "spec.volumes", Name: "volumes", Label: "volumes", Kind: YAML},
		{Path: "spec.zebra", Name: "zebra", Label: "zebra", Kind: Check, Default: "false"},
	}
	if diff := cmp.Diff(want, parse(t)); diff != "" {
		t.Error(diff)
	}
	if _, err := Parse([]byte(document), "Nothing", nil); err == nil {
		t.Error("a kind that does not exist has fields")
	}
}

func TestWhatIsFilledInBecomesAnObject(t *testing.T) {
	for name, c := range map[string]struct {
		values map[string]string
		want   map[string]any
		ok     bool
	}{
		"nothing": {nil, map[string]any{}, true},
		"each kind": {map[string]string{"spec.task": " a ", "spec.hour": "7", "spec.zebra": "true",
			"spec.window.days": "Mon, Tue,", "spec.volumes": "- claimName: x"}, map[string]any{"task": "a", "hour": int64(7),
			"zebra": true, "window": map[string]any{"days": []string{"Mon", "Tue"}},
			"volumes": []any{map[string]any{"claimName": "x"}}}, true},
		"an empty group":    {map[string]string{"spec.idle": "true"}, map[string]any{"idle": map[string]any{}}, true},
		"no number":         {map[string]string{"spec.hour": "seven"}, map[string]any{}, false},
		"no YAML":           {map[string]string{"spec.volumes": "{"}, map[string]any{}, false},
		"what has no field": {map[string]string{"spec.image": "evil"}, map[string]any{}, true},
		"a group that is not optional is not set alone": {map[string]string{"spec.window": "true"}, map[string]any{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := Fill(parse(t), func(path string) string { return c.values[path] })
			if diff := cmp.Diff(c.want, got); diff != "" || ok != c.ok {
				t.Errorf("ok is %v\n%s", ok, diff)
			}
		})
	}
}

func TestAComplaintStandsBesideItsField(t *testing.T) {
	for name, c := range map[string]struct {
		complaint Complaint
		beside    string
	}{
		"the field itself":            {Complaint{"spec.window.start", "write HH:MM"}, "spec.window.start"},
		"a part of a field":           {Complaint{"spec.volumes[0].claimName", "required"}, "spec.volumes"},
		"a member that is not there":  {Complaint{"spec.window.end", "required"}, "spec.window"},
		"a rule that names its field": {Complaint{"spec", "write exactly one of size and zebra"}, "spec.size"},
		"a name that is only alike":   {Complaint{"spec.hours", "unknown"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			fields := parse(t)
			rest := Place(fields, []Complaint{c.complaint})
			if c.beside == "" {
				if len(rest) != 1 {
					t.Errorf("the rest is %v", rest)
				}
				return
			}
			if f := find(fields, c.beside); len(rest) > 0 || f == nil || f.Error != c.complaint.Words {
				t.Errorf("beside %s stands %+v; the rest is %v", c.beside, f, rest)
			}
		})
	}
}
