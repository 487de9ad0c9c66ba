package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"ucorefs.io/maintenance/hack/markdown"
)

// values is the page of the chart's values, made of values.yaml and its comments.
func values(chart string) (string, error) {
	data, err := os.ReadFile(filepath.Join(chart, "values.yaml"))
	if err != nil {
		return "", err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return "", err
	}
	var out strings.Builder
	fmt.Fprintf(&out, "# Values of the chart\n\nGenerated from `%s/values.yaml`. `values.schema.json` rejects misspelt "+
		"values and values of the\nwrong type. The chart rejects values that conflict or cannot work.\n\n", chart)
	out.WriteString(markdown.Head("value", "default", "what it means"))
	members(&out, "", document.Content[0])
	return out.String(), nil
}

func members(out *strings.Builder, path string, mapping *yaml.Node) {
	for i := 0; i < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		branch := value.Kind == yaml.MappingNode && len(value.Content) > 0 && value.Style&yaml.FlowStyle == 0
		text := ""
		if !branch {
			text = inline(value)
		}
		out.WriteString(markdown.Row(markdown.Code(path+key.Value), markdown.Code(text), markdown.Cell(comment(key))))
		if branch {
			members(out, path+key.Value+".", value)
		}
	}
}

// comment is what stands directly above a key; paragraphs further up are about something else.
func comment(key *yaml.Node) string {
	paragraphs := strings.Split(key.HeadComment, "\n\n")
	var text strings.Builder
	for line := range strings.Lines(paragraphs[len(paragraphs)-1]) {
		text.WriteString(strings.TrimPrefix(strings.TrimSpace(line), "#") + " ")
	}
	return text.String()
}

// inline is a value on one line, as it could be given to --set-json.
func inline(value *yaml.Node) string {
	flow := *value
	if flow.Kind != yaml.ScalarNode {
		flow.Style = yaml.FlowStyle
	}
	text, err := yaml.Marshal(&flow)
	if err != nil {
		return value.Value
	}
	return strings.TrimSpace(string(text))
}
