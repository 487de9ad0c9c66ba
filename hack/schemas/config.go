package main

import (
	"cmp"
	"fmt"
	"strings"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// config is the schema of UCore FS's config.json as `maint-job manifests` reads it. The other sections are the
// application's.
func config() schema {
	return schema{
		"title": "config.json of UCore FS, with what maintenance reads of it", "type": "object",
		"properties": schema{
			"mongo": optional("object", "Where the library is.", "properties", schema{
				"database_name": optional("string", "The name of the database.", "minLength", 1),
			}),
			"maintenance": optional("object",
				"What to maintain, and when. Without this section, the application's defaults apply.",
				"if", schema{"not": disabled()}, "then", given("schedule"), "additionalProperties", false, "properties", schema{
					"enabled": optional("boolean", "Whether the schedules run. Default: true. "+
						"If it is false and there are no schedules, the application's defaults are suspended."),
					"use_idle_detection":     optional("boolean", "Whether run_on_idle_only has an effect. Default: true."),
					"idle_threshold_minutes": amount("How long the library must have been idle. Default: 5."),
					"schedule":               schedules(),
				}),
		},
		"definitions": definitions(),
	}
}

// disabled is a section that says that nothing is to run.
func disabled() schema {
	return schema{"required": []string{"enabled"}, "properties": schema{"enabled": schema{"enum": []any{false}}}}
}

// schedules are the members of maintenance.schedule. A member whose name is no task's needs a handler.
func schedules() schema {
	named := schema{}
	for _, task := range jobspec.Tasks() {
		for _, name := range task.Names() {
			named[name] = schema{"allOf": []schema{ref("schedule"), {
				"if": schema{"not": given("handler")}, "then": ref(task.Name),
			}}}
		}
	}
	return schema{
		"type": []string{"object", "null"}, "minProperties": 1, "properties": named,
		"additionalProperties": schema{"allOf": []schema{ref("schedule"), given("handler")}},
	}
}

// definitions are a schedule, and for each task that it has no parameter of another task.
func definitions() schema {
	all := schema{}
	handlers, parameters := []any{nil}, schema{}
	var rules []schema
	for _, task := range jobspec.Tasks() {
		foreign := schema{}
		for _, other := range jobspec.Tasks() {
			for _, p := range other.Parameters {
				switch {
				case p.ConfigKey == "":
				case other.Name != task.Name:
					foreign[p.ConfigKey] = schema{"type": "null", "description": "A parameter of " + other.Name + "."}
				default:
					parameters[p.ConfigKey] = parameter(task, p)
				}
			}
		}
		all[task.Name] = schema{"properties": foreign}
		names := task.Names()
		for _, name := range names {
			handlers = append(handlers, name)
		}
		rules = append(rules, schema{
			"if":   schema{"required": []string{"handler"}, "properties": schema{"handler": schema{"enum": names}}},
			"then": ref(task.Name),
		})
	}
	all["schedule"] = schedule(handlers, parameters, rules)
	return all
}

func schedule(handlers []any, parameters schema, rules []schema) schema {
	parameters["enabled"] = optional("boolean", "Whether the schedule runs. Default: true.")
	parameters["handler"] = schema{"enum": handlers,
		"description": "The task. Without it, the name of the schedule says which."}
	parameters["run_on_idle_only"] = optional("boolean",
		"Start only when the library has been idle for idle_threshold_minutes. Default: false.")
	parameters["initial_delay_seconds"] = amount("How long after its creation the schedule runs first.")
	parameters["preferred_hour"] = whole("The hour of the day at which the schedule runs. The interval must divide "+
		"the day.", 0, 23)
	var intervals []schema
	for _, unit := range []string{"minutes", "hours", "days"} {
		key := "interval_" + unit
		parameters[key] = amount(fmt.Sprintf("The %s between two runs. The three intervals are added up.", unit))
		intervals = append(intervals, schema{"required": []string{key}, "properties": schema{key: schema{"type": "number",
			"exclusiveMinimum": 0}}})
	}
	return schema{"type": "object", "properties": parameters, "additionalProperties": false, "anyOf": intervals,
		"allOf": rules}
}

func parameter(task jobspec.Task, p jobspec.Parameter) schema {
	words := fmt.Sprintf("%s: %s. Default: %s.", task.Name, p.Words, cmp.Or(p.Default, "false"))
	switch p.Kind() {
	case jobspec.Switch:
		return optional("boolean", words)
	case jobspec.Size:
		return optional("number", words, "exclusiveMinimum", 0)
	}
	return whole(words, p.Least, cmp.Or(p.Most, 1<<31-1))
}

// optional is a value that null may stand for, as the application writes what is not set.
func optional(kind, description string, more ...any) schema {
	s := schema{"type": []string{kind, "null"}, "description": strings.TrimSpace(description)}
	for i := 0; i < len(more); i += 2 {
		s[more[i].(string)] = more[i+1]
	}
	return s
}

func amount(description string) schema { return optional("number", description, "minimum", 0) }

// whole takes 3.0 as well, as Python writes it.
func whole(description string, least, most float64) schema {
	return optional("integer", description, "minimum", least, "maximum", most)
}

func ref(name string) schema { return schema{"$ref": "#/definitions/" + name} }

// given requires a member that is not null.
func given(name string) schema {
	return schema{"required": []string{name}, "properties": schema{name: schema{"not": schema{"type": "null"}}}}
}
