package controller

import (
	"bufio"
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// WriteText writes the metrics of all schedules in Prometheus' text format, line by line: of 10,000 schedules that is
// 26 MB and more, of which no more than a buffer is ever in memory. A process that waits to be elected has nothing to
// say.
func (m *Metrics) WriteText(ctx context.Context, to io.Writer) error {
	select {
	case <-m.elected:
	default:
		return nil
	}
	all, err := m.schedules(ctx)
	if err != nil {
		return err
	}
	out := &lines{Writer: bufio.NewWriterSize(to, 64<<10)}
	names := namesOf(all)
	for _, family := range Families() {
		out.family(family, all, names)
	}
	return out.Flush()
}

// namesOf are the labels that say which schedule a figure is about. A task is looked up once: that builds the
// declarations of all.
func namesOf(all []*v1alpha1.MaintenanceSchedule) []string {
	names, tasks := make([]string, len(all)), map[v1alpha1.TaskName]string{}
	for i, ms := range all {
		if tasks[ms.Spec.Task] == "" {
			tasks[ms.Spec.Task] = label("task", taskOf(ms))
		}
		names[i] = label("schedule", ms.Name) + "," + label("schedule_namespace", ms.Namespace) + "," +
			tasks[ms.Spec.Task]
	}
	return names
}

// lines are metrics in the making; what goes wrong is told by Flush.
type lines struct {
	*bufio.Writer
	number []byte
}

// family writes one metric of all schedules. The labels are in the order of their names.
func (l *lines) family(f Family, all []*v1alpha1.MaintenanceSchedule, names []string) {
	before := slices.IndexFunc(f.Labels, func(name string) bool { return name > "schedule" })
	if before < 0 {
		before = len(f.Labels)
	}
	headed := false
	for i := range all {
		f.each(all[i], func(value float64, values ...string) {
			if !headed {
				l.strings("# HELP ", f.Name, " ", f.Help, "\n# TYPE ", f.Name, " ", f.Kind, "\n")
				headed = true
			}
			l.strings(f.Name, "{")
			for j := range before {
				l.strings(label(f.Labels[j], values[j]), ",")
			}
			l.strings(names[i])
			for j := before; j < len(f.Labels); j++ {
				l.strings(",", label(f.Labels[j], values[j]))
			}
			l.number = strconv.AppendFloat(l.number[:0], value, 'g', -1, 64)
			l.strings("} ", string(l.number), "\n")
		})
	}
}

func (l *lines) strings(all ...string) {
	for _, text := range all {
		_, _ = l.WriteString(text)
	}
}

var labelValue = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

func label(name, value string) string {
	return name + `="` + labelValue.Replace(value) + `"`
}
