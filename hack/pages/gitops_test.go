package pages

import (
	"encoding/json"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"sigs.k8s.io/yaml"
)

const healthKey = "resource.customizations.health.maintenance.ucorefs.io_MaintenanceSchedule"

// healthCheck is the script that docs/gitops.md gives to Argo CD.
func healthCheck(t *testing.T) string {
	t.Helper()
	for _, block := range docs(t)["gitops.md"].Blocks {
		if block.File() != "argocd-cm.yaml" {
			continue
		}
		var configMap struct{ Data map[string]string }
		if err := yaml.Unmarshal([]byte(block.Code), &configMap); err != nil {
			t.Fatal(err)
		}
		if script := configMap.Data[healthKey]; script != "" {
			return script
		}
	}
	t.Fatal("docs/gitops.md has no health check")
	return ""
}

// health is what Argo CD makes of an object: it runs the script with the object as the global obj.
func health(t *testing.T, script, object string) (status, message string) {
	t.Helper()
	var decoded any
	if err := json.Unmarshal([]byte(object), &decoded); err != nil {
		t.Fatal(err)
	}
	vm := lua.NewState()
	defer vm.Close()
	vm.SetGlobal("obj", luaValue(vm, decoded))
	if err := vm.DoString(script); err != nil {
		t.Fatal(err)
	}
	answer, ok := vm.Get(-1).(*lua.LTable)
	if !ok {
		t.Fatalf("the script returns %v", vm.Get(-1))
	}
	return answer.RawGetString("status").String(), answer.RawGetString("message").String()
}

// luaValue is a decoded JSON value in Lua.
func luaValue(vm *lua.LState, value any) lua.LValue {
	switch v := value.(type) {
	case string:
		return lua.LString(v)
	case float64:
		return lua.LNumber(v)
	case bool:
		return lua.LBool(v)
	case []any:
		table := vm.NewTable()
		for _, item := range v {
			table.Append(luaValue(vm, item))
		}
		return table
	case map[string]any:
		table := vm.NewTable()
		for key, item := range v {
			table.RawSetString(key, luaValue(vm, item))
		}
		return table
	}
	return lua.LNil
}

func TestTheHealthCheckForArgoCDTellsEveryState(t *testing.T) {
	script := healthCheck(t)
	for name, c := range map[string]struct{ object, status, message string }{
		"not seen by the controller": {`{"metadata":{"generation":1},"spec":{}}`, "Progressing",
			"waiting for the controller"},
		"changed since":       {`{"metadata":{"generation":2},"spec":{},"status":{"observedGeneration":1,"conditions":[{"type":"Ready","status":"True","message":"runs"}]}}`, "Progressing", "waiting for the controller"},
		"ready":               {`{"metadata":{"generation":1},"spec":{},"status":{"observedGeneration":1,"conditions":[{"type":"Ready","status":"True","message":"runs"}]}}`, "Healthy", "runs"},
		"suspended":           {`{"metadata":{"generation":1},"spec":{"suspend":true},"status":{"observedGeneration":1,"conditions":[{"type":"Ready","status":"True","message":"runs"}]}}`, "Suspended", "the schedule is suspended"},
		"stalled":             {`{"metadata":{"generation":1},"spec":{},"status":{"observedGeneration":1,"conditions":[{"type":"Stalled","status":"True","message":"no Secret"},{"type":"Ready","status":"False","message":"no Secret"}]}}`, "Degraded", "no Secret"},
		"its last run failed": {`{"metadata":{"generation":1},"spec":{},"status":{"observedGeneration":1,"conditions":[{"type":"Ready","status":"True","message":"runs"},{"type":"LastRunSucceeded","status":"False","message":"no"}]}}`, "Healthy", "runs"},
	} {
		t.Run(name, func(t *testing.T) {
			if status, message := health(t, script, c.object); status != c.status || message != c.message {
				t.Errorf("it is %s: %s, want %s: %s", status, message, c.status, c.message)
			}
		})
	}
}
