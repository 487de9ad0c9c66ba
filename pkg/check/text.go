package check

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"ucorefs.io/maintenance/pkg/ellipsis"
	"ucorefs.io/maintenance/pkg/plaintext"
)

// JSON is r on one line, with no newline.
func (r Report) JSON() []byte {
	b, err := json.Marshal(r)
	if err != nil { // no field of Report can fail to marshal
		panic(fmt.Sprintf("check: marshal a report: %v", err))
	}
	return b
}

// Text is r on one screen.
func (r Report) Text() string {
	var b strings.Builder
	library := r.Library
	if library == "" {
		library = "none"
	}
	fmt.Fprintf(&b, "server    %s\ndatabase  %s\nlibrary   %s\n", r.Server, r.Database, library)
	r.writeCollections(&b)
	r.writeFolders(&b)
	r.writeTasks(&b)
	writeList(&b, "fields with ids that the declaration does not name", r.Undeclared)
	writeList(&b, "problems", r.Problems)
	if r.Ready {
		fmt.Fprintf(&b, "\nready%s\n", r.exceptions())
	}
	return b.String()
}

// exceptions are the tasks that lack something, as the end of the sentence "ready"; empty where none does.
func (r Report) exceptions() string {
	var names []string
	for _, t := range r.Tasks {
		if !t.Works {
			names = append(names, t.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ", except for what these tasks lack: " + strings.Join(names, ", ")
}

func (r Report) writeCollections(b *strings.Builder) {
	if len(r.Collections) == 0 {
		return
	}
	var there, absent []string
	for _, c := range r.Collections {
		if c.Exists {
			there = append(there, fmt.Sprintf("%s %d", c.Name, c.Documents))
		} else {
			absent = append(absent, c.Name)
		}
	}
	fmt.Fprintf(b, "documents %s\n", strings.Join(there, ", "))
	if len(absent) > 0 {
		fmt.Fprintf(b, "absent    %s\n", strings.Join(absent, ", "))
	}
}

// maxAbsent is how many absent roots have a line each.
const maxAbsent = 5

func (r Report) writeFolders(b *strings.Builder) {
	for _, f := range r.Folders {
		state := "readable"
		switch {
		case f.Problem != "":
			state = f.Problem
		case f.Writable:
			state = "readable and writable"
		}
		if f.Known != "" {
			state += "; " + f.Known
		}
		fmt.Fprintf(b, "folder    %s: %s\n", plaintext.Line(f.name()), state)
	}
	for i, root := range r.AbsentRoots {
		if i == maxAbsent {
			fmt.Fprintf(b, "folder    %d more roots that the library records: they do not exist here\n", len(r.AbsentRoots)-i)
			return
		}
		fmt.Fprintf(b, "folder    %s%s: does not exist here\n", plaintext.Line(root), recordedRoot)
	}
}

func (r Report) writeTasks(b *strings.Builder) {
	b.WriteString("\n")
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, t := range r.Tasks {
		state := "works"
		switch {
		case !t.Works:
			state = "lacks " + ellipsis.List(t.Lacks, maxNamed)
		case t.Note != "":
			state = t.Note
		}
		fmt.Fprintf(table, "%s\t%s\n", t.Name, state)
	}
	table.Flush()
}

func writeList(b *strings.Builder, title string, items []string) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, item := range items {
		fmt.Fprintf(b, "  %s\n", item)
	}
}
