package library

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheBuiltInLibrariesAreRead(t *testing.T) {
	for _, l := range BuiltIn() {
		if l.Name == "" || len(l.References) == 0 || len(l.Counters) == 0 || len(l.Digest) != 64 {
			t.Errorf("%q: %d references, %d counters, digest %q", l.Name, len(l.References), len(l.Counters), l.Digest)
		}
	}
	l, _ := Named("ucorefs")
	want := Reference{From: Field{"relations", "target_id", false}, To: []string{"file_records", "detection_instances"},
		Dangling: Delete, Counts: "relation"}
	if !slices.ContainsFunc(l.References, func(r Reference) bool { return cmp.Equal(r, want) }) {
		t.Errorf("%+v is not among the references", want)
	}
	if got := l.FileTypes.Types["heic"]; got != "image" {
		t.Errorf("heic is %q", got)
	}
}

// least is a declaration to which a test adds one section.
const least = `library: test
collections: {files: files, tags: tags, links: links, dirs: dirs}
`

// Each was seen to be accepted by yaml.Unmarshal into structs alone, but for the one that is no YAML.
func TestAWrongDeclarationIsRefusedWithItsLineAndWhatToWrite(t *testing.T) {
	refs := least + `references:
  - {from: "files.tags[]", to: tags, dangling: pull, counts: tag}
  - {from: files.dir, to: dirs, counts: dir}
  - {from: dirs.parent, to: dirs, counts: parent}
  - {from: links.file, to: files, dangling: delete, counts: link}
`
	mirrored := refs + `  - {from: "tags.files[]", to: files, dangling: pull, counts: file}
mirrors:
  - {field: "files.tags[]", of: "tags.files[]"}
`
	queue := func(set, where string, more ...string) string {
		return "incomplete:\n  collection: files\n  where: {state: missing}\n  " + set +
			"\n  queue: {collection: links, ids: ids, where: " + where +
			", document: {" + strings.Join(append(more, `ids: "{ids}"`, "status: pending"), ", ") + "}}\n"
	}
	for name, c := range map[string]struct{ text, says string }{
		"an unknown section": {least + "referencs: []",
			`t.yaml:3: unknown word "referencs": write "references"`},
		"an unknown word": {least +
			"references:\n  - {from: files.dir, to: dirs, dangle: pull, counts: dir}",
			`t.yaml:4: unknown word "dangle": write "dangling"`},
		"an unknown action": {least +
			"references:\n  - {from: files.dir, to: dirs, dangling: remove, counts: dir}",
			`"remove" is none of pull, clear, delete and report`},
		"an undeclared collection": {least + "references:\n  - {from: photos.dir, to: dirs, counts: dir}",
			`the collection "photos" is not declared`},
		"an undeclared target": {least + "references:\n  - {from: files.dir, to: folders, counts: dir}",
			`the collection "folders" is not declared`},
		"no target": {least + "references:\n  - {from: files.dir, counts: dir}", "to is missing"},
		"a field without collection": {least + "references:\n  - {from: dir, to: dirs, counts: dir}",
			"write collection.field"},
		"a field below the top": {least + "references:\n  - {from: files.meta.dir, to: dirs, counts: dir}",
			"only a field at the top"},
		"pull of what is no list": {least +
			"references:\n  - {from: files.tag, to: tags, dangling: pull, counts: tag}", "write files.tag[]"},
		"delete by a list": {least +
			"references:\n  - {from: \"files.tags[]\", to: tags, dangling: delete, counts: tag}",
			"its elements can be pulled or reported"},
		"a noun that is none": {least + "references:\n  - {from: files.dir, to: dirs, counts: the dir}",
			"cannot be part of a count's name"},
		"a field with two references": {refs + "  - {from: files.dir, to: tags, counts: dir}",
			"t.yaml:8: files.dir has two owners"},
		"a deletion that bites its tail": {least +
			"references:\n  - {from: dirs.parent, to: dirs, dangling: delete, counts: dir}",
			"delete comes back to where it began"},
		"a longer cycle of deletions": {refs + "  - {from: files.link, to: links, dangling: delete, counts: link}",
			"delete comes back to where it began"},
		"a counter over nothing": {refs + "counters:\n  - {field: tags.n, count: links.tag}",
			"t.yaml:9: tags.n: nothing to count: no reference is declared from links.tag to tags"},
		"a counter over an undeclared one": {refs + "counters:\n  - {field: tags.n, count: photos.tag}",
			`the collection "photos" is not declared`},
		"a counter of two kinds": {refs +
			"counters:\n  - {field: tags.n, count: \"files.tags[]\", length: \"tags.x[]\"}",
			"exactly one of count, sum, length and matching"},
		"a sum without by":   {refs + "counters:\n  - {field: dirs.n, sum: files.size}", "by is missing"},
		"a query without in": {refs + "counters:\n  - {field: tags.n, matching: tags.q}", "in is missing"},
		"a length of another document": {refs + "counters:\n  - {field: tags.n, length: \"files.tags[]\"}",
			"write tags.tags[]"},
		"two counters of one field": {refs +
			"counters:\n  - {field: tags.n, count: \"files.tags[]\"}\n  - {field: tags.n, length: \"tags.x[]\"}",
			"t.yaml:10: tags.n has two owners"},
		"a counter that is a reference": {refs + "counters:\n  - {field: dirs.parent, count: files.dir}",
			"dirs.parent has two owners"},
		"below by no reference": {refs + "counters:\n  - {field: dirs.n, count: files.dir, below: dirs.up}",
			"below names the reference"},
		"a counter over its own list": {least + "counters:\n  - {field: tags.x, length: \"tags.x[]\"}",
			"tags.x has two owners"},
		"a counter of a path": {refs +
			"files: {collection: tags, path: p}\ncounters:\n  - {field: tags.p, count: \"files.tags[]\"}",
			"tags.p has two owners: it is the path of a file and a counter"},
		"a counter of its own query": {refs + "counters:\n  - {field: tags.q, matching: tags.q, in: files}",
			"tags.q has two owners"},
		"a counter of its own condition": {refs + "counters:\n  - {field: tags.n, count: \"files.tags[]\", where: {n: 1}}",
			"tags.n has two owners"},
		"a sum of itself": {refs +
			"counters:\n  - {field: dirs.n, count: files.dir}\n  - {field: dirs.sum, sum: dirs.n, by: dirs.parent}",
			"dirs.n has two owners"},
		"a counter of a mirrored list": {mirrored + "counters:\n  - {field: files.tags, length: \"files.x[]\"}",
			"files.tags has two owners"},
		"a counter of an id": {refs + "counters:\n  - {field: tags._id, count: \"files.tags[]\"}",
			"tags._id cannot be written: it is a counter"},
		"two mirrors of each other": {mirrored + "  - {field: \"tags.files[]\", of: \"files.tags[]\"}",
			"which is a mirror itself"},
		"a list that is an id as well": {refs + "  - {from: files.tags, to: tags, counts: tag}",
			"files.tags has two owners: it holds either a list"},
		"a type that is a reference": {refs + "fileTypes: {field: files.dir, extension: ext, types: {image: [jpg]}}",
			"files.dir has two owners: it is a reference and the type of a file"},
		"a type that is its extension": {refs + "fileTypes: {field: files.ext, extension: ext, types: {image: [jpg]}}",
			"files.ext has two owners"},
		"a path that is cleared": {refs + "files: {collection: files, path: dir}", "files.dir has two owners"},
		"a time that is counted": {refs +
			"expiring:\n  - {collection: tags, since: n, days: 1}\ncounters:\n  - {field: tags.n, count: \"files.tags[]\"}",
			"tags.n has two owners"},
		"records that lose a reference": {refs + queue("set: {dir: null}", "{status: pending}"),
			"files.dir has two owners"},
		"a set field that is none": {refs + queue("set: {$x: 1}", "{status: pending}"), `"$x" cannot be a name`},
		"a queue that grows for ever": {refs + queue("set: {state: 1}", "{status: done}"),
			"where does not match the document that is added"},
		"a placeholder that is none": {refs + queue("set: {state: 1}", "{status: pending}", "note: \"{id}\""),
			"{id} stands for nothing: use {ids}, {count} and {now}"},
		"flags and numbers that overlap": {refs +
			"counters:\n  - {field: tags.n, count: \"files.tags[]\", where: {smart: true}}\n  - {field: tags.n, length: " +
			"\"tags.x[]\", where: {smart: 1}}", "tags.n has two owners: two counters of one field need"},
		"numbers that are the same": {refs +
			"counters:\n  - {field: tags.n, count: \"files.tags[]\", where: {kind: 1}}\n  - {field: tags.n, length: " +
			"\"tags.x[]\", where: {kind: 1.0}}", "tags.n has two owners: two counters of one field need"},
		"a condition of two kinds": {least +
			"files: {collection: files, path: path, without: {n: {not: 5, atLeast: 3}}}", "write either not or atLeast"},
		"a number that is none": {least + "files: {collection: files, path: path, without: {n: {atLeast: .nan}}}",
			"atLeast: write a number"},
		"an index of no field":        {least + "indexes:\n  files: [{fields: [\"$x\", a]}]", `"$x" cannot be a name`},
		"an index of one field twice": {least + "indexes:\n  files: [{fields: [a, a]}]", `"a" stands here twice`},
		"two indexes of the same fields": {least + "indexes:\n  files: [a, {fields: [a], unique: true}]",
			"t.yaml:4: files has two indexes a_1: keep one"},
		"a field that is counted twice": {refs + "counters:\n  - {field: dirs.n, count: [files.dir, files.dir]}",
			`t.yaml:9: "files.dir" stands here twice`},
		"a target that stands twice": {least + "references:\n  - {from: files.dir, to: [dirs, dirs], counts: dir}",
			`"dirs" stands here twice`},
		"days in halves": {least + "expiring:\n  - {collection: links, since: at, days: 3.5}",
			`"3.5": write after how many days a document may go, a whole number above 0`},
		"what is not missing": {least +
			"expiring:\n  - {collection: links, where: {n: {not: missing}}, since: at, days: 1}", "missing stands alone"},
		"missing among values": {least +
			"expiring:\n  - {collection: links, where: {n: [a, missing]}, since: at, days: 1}", "missing stands alone"},
		"a sign of use of our own": {least + "busy:\n  - {collection: maintenance_locks, since: at}",
			"are no sign of use"},
		"vectors of no files": {least + "vectors:\n  sources:\n    - {collection: files, provider: p, vector: v}",
			"add the section files"},
		"a mirror of nothing": {refs + "mirrors:\n  - {field: \"files.tags[]\", of: \"tags.files[]\"}",
			"t.yaml:9: files.tags[] mirrors tags.files[]"},
		"maintenance's own name": {"library: x\ncollections: {maintenance_journal: journal}",
			"t.yaml:2: \"maintenance_journal\": names that begin with maintenance_"},
		"a system collection": {"library: x\ncollections: {system.users: users}",
			"names that begin with maintenance_ or system."},
		"one noun for two": {"library: x\ncollections: {a: files, b: files}", `a and b both count as "files"`},
		"no collections":   {"library: x", "collections is missing: write each with the noun"},
		"expiry without an age": {least + "expiring:\n  - {collection: links, since: at}",
			"write either keep (a parameter) or days"},
		"expiry by an unknown parameter": {least + "expiring:\n  - {collection: links, since: at, keep: days}",
			`"days" is none of task-retention-days and journal-retention-days`},
		"expiry of the files": {least +
			"files: {collection: files, path: path}\nexpiring:\n  - {collection: files, since: at, days: 1}",
			"they go with their file"},
		"vectors of no provider": {least + "vectors:\n  sources:\n    - {collection: files, vector: v}",
			"write either providers"},
		"an extension of two types": {least +
			"fileTypes: {field: files.type, extension: ext, types: {image: [jpg], text: [jpg]}}", `"jpg" is image and text`},
		"an extension with its dot": {least + "fileTypes: {field: files.type, extension: ext, types: {image: [.jpg]}}",
			"without its dot"},
		"a condition that says nothing": {least + "files: {collection: files, path: path, without: {virtual: {}}}",
			"virtual: write a value"},
		"a word twice": {least + "files: {collection: files, path: path, path: name}",
			`t.yaml:3: "path" stands here twice`},
		"a list that is none": {least + "references: {from: files.dir}", "write a list here"},
		"an empty list of targets": {least +
			"references:\n  - {from: files.dir, to: [], dangling: clear, counts: dir}", "t.yaml:4: to is missing"},
		"two documents":            {least + "---\nlibrary: y", "a second document begins here"},
		"a section that is a text": {least + "files: /library", "t.yaml:3: write a mapping here"},
		"a noun that is nothing":   {"library: x\ncollections: {a: }", "t.yaml:2: write a text here"},
		"vectors of no source":     {least + "vectors: {dimensions: {clip: 512}}", "t.yaml:3: sources is missing"},
		"a file that declares nothing": {`{"tags": "tags"}`,
			"t.yaml:1: this is no declaration of a library: `maint-job declare --print=ucorefs`"},
		"a text": {"ucorefs", "t.yaml:1: this is no declaration of a library"},
		"collections in a list": {"library: x\ncollections: [a, b]",
			"t.yaml:2: collections: write each name with the noun"},
		"an empty mapping of collections": {"library: x\ncollections: {}\nreferences:\n  - {from: a.b, to: b, counts: b}",
			`t.yaml:4: the collection "a" is not declared`},
		"an empty file":  {"", "the file is empty"},
		"no YAML":        {"a: [", "t.yaml: line 1"},
		"YAML with tabs": {"library: x\ncollections:\n\tfiles: files", "indented with spaces"},
	} {
		_, err := Read("t.yaml", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %q in it", name, err, c.says)
		}
		if line := regexp.MustCompile(`^t\.yaml:(\d+:| line \d+:| the file is empty)`); !line.MatchString(fmt.Sprint(err)) {
			t.Errorf("%s: %v names no line", name, err)
		}
	}
}

func TestEveryMistakeIsNamedAtOnce(t *testing.T) {
	_, err := Read("t.yaml", []byte(`library: My Library
recognize: {any: [maintenance_locks]}
collections: {maintenance_journal: journal, files: files}
references:
  - {from: a.b, to: c, counts: x}
  - {from: files.tag, to: files, dangling: pull, counts: tag}
files: {collection: files}
`))
	for _, says := range []string{
		`"a" is not declared`, `"c" is not declared`, "path is missing", `t.yaml:1: library: "My Library"`,
		`"maintenance_locks" tells no library`,
		`"maintenance_journal": names that begin`, "t.yaml:6: files.tag: pull takes an element out of a list",
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q is not in %v", says, err)
		}
	}
}

func TestWhatFollowsFromAMistakeIsNoMistakeOfItsOwn(t *testing.T) {
	_, err := Read("t.yaml", []byte("library: x\ncollections: [a, b]\nreferences:\n  - {from: a.b_id, to: b, dangling: "+
		"pull, counts: b}\n"))
	if got := fmt.Sprint(err); strings.Count(got, "\n") > 0 || !strings.Contains(got, "t.yaml:2:") {
		t.Errorf("got %v, want line 2 alone", err)
	}
}

// Seen to be refused when what is missing counted as every value.
func TestCountersOfOneFieldMayHaveConditionsThatExcludeEachOther(t *testing.T) {
	for _, pair := range [][2]string{
		{"{kind: missing}", "{kind: x}"}, {"{kind: x}", "{kind: [y, z]}"}, {"{smart: true}", "{smart: {not: true}}"},
		{"{smart: 1}", "{smart: {not: true}}"}, {"{smart: true}", "{smart: false}"}, {"{size: 3}", "{size: {atLeast: 4}}"},
	} {
		text := least + `references:
  - {from: "files.tags[]", to: tags, dangling: pull, counts: tag}
counters:
  - {field: tags.n, count: "files.tags[]", where: ` + pair[0] + `}
  - {field: tags.n, length: "tags.x[]", where: ` + pair[1] + `}
`
		if _, err := Read("t.yaml", []byte(text)); err != nil {
			t.Errorf("%v: %v", pair, err)
		}
	}
}
