package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/rootlist"
)

// rootLab is a library root that a run has recorded, and how the program is called on it.
type rootLab struct {
	t    *testing.T
	root string
	env  map[string]string
}

func newRootLab(t *testing.T) *rootLab {
	t.Helper()
	s := mongotest.New(t)
	l := &rootLab{t: t, root: t.TempDir(), env: map[string]string{"MONGODB_URI": s.URI + s.Name}}
	create(t, s, "directory_records")
	for _, name := range []string{"a", "b"} {
		path := filepath.Join(l.root, name)
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := s.DB.Collection("file_records").InsertOne(t.Context(), bson.D{{Key: "_id", Value: name},
			{Key: "path", Value: path}}); err != nil {
			t.Fatal(err)
		}
	}
	l.clean().want(t, jobspec.ExitOK)
	return l
}

func (l *rootLab) clean() ran {
	return job(l.t, l.env, "run", "cleanup-orphaned-file-records", "--output=json", "--library-root="+l.root)
}

// list is the only root that maint-job roots shows.
func (l *rootLab) list(code int) rootlist.Root {
	l.t.Helper()
	ran := job(l.t, l.env, "roots", "-o", "json")
	ran.want(l.t, code)
	var list []rootlist.Root
	if err := json.Unmarshal([]byte(ran.out), &list); err != nil || len(list) != 1 {
		l.t.Fatalf("%v: %s", err, ran.out)
	}
	return list[0]
}

func (l *rootLab) accept(digest string, args ...string) ran {
	return job(l.t, l.env, append([]string{"roots", "accept", l.root, "--output=json", "--digest=" + digest}, args...)...)
}

func TestRootsShowsWhatIsRememberedAndWhatIsSeen(t *testing.T) {
	l := newRootLab(t)
	is := l.list(jobspec.ExitOK)
	if !is.Trusted || is.Digest == "" || is.Remembered.SampleFiles != 2 || is.Seen.SampleFiles != 2 ||
		is.Seen.Marker == "" ||
		is.Seen.Marker != is.Remembered.Marker || !strings.Contains(is.RestsOn, "marker") {
		t.Errorf("%+v, remembered %+v, seen %+v", is, is.Remembered, is.Seen)
	}
	text := job(t, l.env, "roots")
	text.want(t, jobspec.ExitOK)
	for _, want := range []string{l.root, "as it was at the last run", "rests on    its marker file",
		"2 files of the sample", is.Digest} {
		if !strings.Contains(text.out, want) {
			t.Errorf("%q is not in:\n%s", want, text.out)
		}
	}
	unknown := job(t, l.env, "roots", "--library-root="+t.TempDir())
	unknown.want(t, jobspec.ExitOK)
	if !strings.Contains(unknown.out, "new: the first run that finds recorded files in it records it") {
		t.Error(unknown.out)
	}
	job(t, l.env, "roots", "--library-root="+filepath.Join(l.root, "nowhere")).want(t, jobspec.ExitConfig)
}

func TestARootIsAcceptedByTheDigestOfExactlyItsState(t *testing.T) {
	l := newRootLab(t)
	before := l.list(jobspec.ExitOK).Digest
	if err := os.Remove(filepath.Join(l.root, files.Marker)); err != nil {
		t.Fatal(err)
	}
	changed := l.list(jobspec.ExitConfig)
	if changed.Trusted || !strings.Contains(changed.Verdict, "has lost its marker") {
		t.Errorf("%+v", changed)
	}
	refused := l.accept(before)
	refused.want(t, jobspec.ExitRefused)
	if r := refused.result(t); r.Reason != report.ReasonRootNotMounted || !strings.Contains(r.Message,
		"--digest="+changed.Digest) {
		t.Errorf("%s: %s", r.Reason, r.Message)
	}
	l.accept(changed.Digest, "--dry-run").want(t, jobspec.ExitOK)
	l.clean().want(t, jobspec.ExitRefused)

	accepted := l.accept(changed.Digest)
	accepted.want(t, jobspec.ExitOK)
	if r := accepted.result(t); r.Counts["rootsAccepted"] != 1 || r.Task != jobspec.AcceptRoot {
		t.Errorf("%+v", r)
	}
	if now := l.list(jobspec.ExitOK); now.Verdict != "as it was when a person accepted it" {
		t.Errorf("%+v", now)
	}
	l.clean().want(t, jobspec.ExitOK)
	l.accept(changed.Digest).want(t, jobspec.ExitRefused) // it is in another state now
}

func TestARootIsNotAcceptedWithoutSayingWhichAndHow(t *testing.T) {
	l := newRootLab(t)
	for name, args := range map[string][]string{
		"no path":         {"--digest=x"},
		"two paths":       {l.root, l.root, "--digest=x"},
		"a relative path": {"photos", "--digest=x"},
		"no digest":       {l.root},
	} {
		if got := job(t, l.env, append([]string{"roots", "accept"}, args...)...); got.code != jobspec.ExitUsage {
			t.Errorf("%s: exit code %d: %s", name, got.code, got.out)
		}
	}
	l.env["MONGODB_URI"] = "mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=50"
	job(t, l.env, "roots", "--timeout=100ms").want(t, jobspec.ExitTemporary)
}
