package manifests

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// Manifest is a MaintenanceSchedule with the members that a config.json can fill, in the order in which a person reads
// them. A test holds it against the resource's own types.
type Manifest struct {
	from    string // its place in the config.json
	assumed bool

	APIVersion string   `yaml:"apiVersion"`
	Kind       string   `yaml:"kind"`
	Metadata   Metadata `yaml:"metadata"`
	Spec       Spec     `yaml:"spec"`
}

// Assumed tells whether the schedule is one of the application's defaults, for want of any in the file.
func (m Manifest) Assumed() bool { return m.assumed }

// Metadata is the resource's name.
type Metadata struct {
	Name      string `yaml:"name"`
	Namespace string `yaml:"namespace,omitempty"`
}

// Spec is what to run, when, and on what.
type Spec struct {
	When
	parameters parameters
	Where
}

// When is what to run and when.
type When struct {
	Task          string `yaml:"task"`
	Interval      string `yaml:"interval"`
	PreferredHour *int   `yaml:"preferredHour,omitempty"`
	TimeZone      string `yaml:"timeZone,omitempty"`
	InitialDelay  string `yaml:"initialDelay,omitempty"`
	Suspend       bool   `yaml:"suspend,omitempty"`
	DryRun        bool   `yaml:"dryRun,omitempty"`
	Idle          *Idle  `yaml:"idle,omitempty"`
}

// Where is what to work on.
type Where struct {
	Database *Database `yaml:"database,omitempty"`
	Volumes  []Volume  `yaml:"volumes,omitempty"`
}

// MarshalYAML implements yaml.Marshaler.
func (s Spec) MarshalYAML() (any, error) {
	var when, where yaml.Node
	if err := errors.Join(when.Encode(s.When), where.Encode(s.Where)); err != nil {
		return nil, err
	}
	content := slices.Concat(when.Content, s.parameters.nodes(), where.Content)
	return &yaml.Node{Kind: yaml.MappingNode, Content: content}, nil
}

// Idle is the idle gate.
type Idle struct {
	Threshold string `yaml:"threshold"`
}

// Database says where the connection string is.
type Database struct {
	SecretName string `yaml:"secretName,omitempty"`
	SecretKey  string `yaml:"secretKey,omitempty"`
	Name       string `yaml:"name,omitempty"`
}

// Volume is one claim.
type Volume struct {
	ClaimName string `yaml:"claimName"`
	MountPath string `yaml:"mountPath"`
	Use       string `yaml:"use"` // as jobspec.Folders has it
}

func newManifest(from, name string, o Options) Manifest {
	return Manifest{
		from: from, APIVersion: "maintenance.ucorefs.io/v1alpha1", Kind: "MaintenanceSchedule",
		Metadata: Metadata{Name: name, Namespace: o.Namespace}, Spec: Spec{When: When{DryRun: o.DryRun}},
	}
}

// setResources gives a task the database and the volumes that it works on.
func (s *Spec) setResources(task jobspec.Task, o Options) {
	if task.Database && o.Database != (Database{}) {
		s.Database = &o.Database
	}
	for _, folder := range task.Folders {
		for _, v := range o.Volumes {
			if v.Use == jobspec.FolderByFlag(folder).Use {
				s.Volumes = append(s.Volumes, v)
			}
		}
	}
}

// Write prints manifests as YAML for kubectl, each with its place in the config.json, or where else it comes from.
func Write(out io.Writer, manifests []Manifest) error {
	var all bytes.Buffer
	for _, m := range manifests {
		origin := m.from
		if m.assumed {
			origin = "UCore FS's default for " + m.from
		}
		fmt.Fprintf(&all, "---\n# %s\n", origin)
		e := yaml.NewEncoder(&all)
		e.SetIndent(2)
		if err := e.Encode(m); err != nil {
			return fmt.Errorf("write %s: %w", m.from, err)
		}
		if err := e.Close(); err != nil {
			return fmt.Errorf("write %s: %w", m.from, err)
		}
	}
	_, err := all.WriteTo(out)
	return err
}

// text is a period as a schedule writes it, such as 90m, 6h or 1h30m.
func text(d time.Duration) string {
	parts := ""
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if n := d / u.unit; n > 0 {
			parts += fmt.Sprintf("%d%s", n, u.name)
		}
		d %= u.unit
	}
	if parts == "" {
		return "0s"
	}
	return parts
}

// quantity is bytes as Kubernetes writes them, in the largest unit of which they are a whole number.
func quantity(bytes int64) string {
	units := []string{"", "Ki", "Mi", "Gi", "Ti"}
	unit := 0
	for bytes > 0 && bytes%1024 == 0 && unit < len(units)-1 {
		bytes /= 1024
		unit++
	}
	return fmt.Sprint(bytes) + units[unit]
}
