package report

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/jobspec"
)

var begin = time.Date(2026, 11, 23, 11, 44, 3, 0, time.UTC)

// Seen to fail when the message was cut at a byte, not at a rune, and when a task name or run id was not cut at all.
func TestAnyResultFitsTheTerminationMessage(t *testing.T) {
	for seed := range uint64(500) {
		r := random(rand.New(rand.NewPCG(seed, 1)))
		message := r.Termination()
		if len(message) > MaxTerminationBytes || !utf8.Valid(message) {
			t.Fatalf("seed %d: %d bytes, valid UTF-8: %v\n%s", seed, len(message), utf8.Valid(message), message)
		}
		got, err := Parse(string(message))
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, message)
		}
		if got.Outcome != r.Outcome || got.Reason != r.Reason || got.DryRun != r.DryRun || !got.StartedAt.Equal(r.StartedAt) {
			t.Fatalf("seed %d: what decides was changed:\n%s\n%s", seed, r.JSON(), message)
		}
		if begins := strings.TrimSuffix(got.Message, "…"); !strings.HasPrefix(string([]rune(r.Message)), begins) {
			t.Fatalf("seed %d: the message %q is no beginning of %q", seed, got.Message, r.Message)
		}
		if len(r.JSON()) <= MaxTerminationBytes && string(message) != string(r.JSON()) {
			t.Fatalf("seed %d: something was cut that fits:\n%s\n%s", seed, r.JSON(), message)
		}
	}
}

func TestTerminationKeepsWhatMattersMost(t *testing.T) {
	r := Result{SchemaVersion: 1, Task: "verify-references", Run: "r", Outcome: Partial, Message: "m",
		PlanDigest: strings.Repeat("a", 64), Counts: Counts{"filesChecked": 7}}
	r.Warnings = []string{strings.Repeat("w", 100)}
	for range 100 {
		r.Sample = append(r.Sample, strings.Repeat("ж", 50))
	}
	got, err := Parse(string(r.Termination()))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Sample) == 0 || len(got.Sample) == 100 {
		t.Errorf("%d samples are left", len(got.Sample))
	}
	r.Sample = got.Sample
	if diff := cmp.Diff(r, got); diff != "" {
		t.Errorf("more than the sample was cut:\n%s", diff)
	}
}

// random is any result, most of all an unreasonable one.
func random(g *rand.Rand) Result {
	outcomes := []Outcome{Succeeded, Partial, Failed, Refused, Skipped, Paused}
	r := Result{
		SchemaVersion: SchemaVersion, Task: text(g, 40), Run: text(g, 80), Outcome: outcomes[g.IntN(len(outcomes))],
		Reason:  ReasonDeletionCapExceeded,
		Message: text(g, 3000), DryRun: g.IntN(2) == 0, StartedAt: begin, FinishedAt: begin.Add(time.Second),
		DurationSeconds: g.ExpFloat64() * 1e6, Counts: Counts{},
	}
	for range g.IntN(100) {
		r.Counts[text(g, 40)] = int64(g.Uint64())
	}
	for range g.IntN(100) {
		r.Sample = append(r.Sample, text(g, 400))
	}
	for range g.IntN(20) {
		r.Warnings = append(r.Warnings, text(g, 400))
	}
	switch g.IntN(4) {
	case 0:
		r.PlanDigest = strings.Repeat("f", 64)
	case 1:
		r.Task, r.Run = text(g, 3000), text(g, 3000)
	}
	return r
}

// text is up to n runes of all lengths, some of which JSON escapes, and now and then a byte that is no UTF-8.
func text(g *rand.Rand, n int) string {
	runes := []rune("abc \"\\<>&\n\x00\u2028éж日🙂\u0301")
	var b strings.Builder
	for range g.IntN(n) {
		if g.IntN(50) == 0 {
			b.WriteByte(0xff)
			continue
		}
		b.WriteRune(runes[g.IntN(len(runes))])
	}
	return b.String()
}

func TestParseSaysWhatIsWrongWithAMessage(t *testing.T) {
	whole := string(Result{SchemaVersion: 1, Task: "t", Outcome: Succeeded, Message: "done"}.JSON())
	for name, c := range map[string]struct{ message, says string }{
		"nothing":              {"", "left no termination message"},
		"only blanks":          {" \n", "left no termination message"},
		"cut":                  {whole[:len(whole)-20], "not a whole result"},
		"cut by the kubelet":   {whole[:1], "not a whole result"},
		"no JSON":              {"panic: runtime error", "not a whole result"},
		"JSON of another kind": {`["a"]`, "not a whole result"},
		"a number":             {`1`, "not a whole result"},
		"two results":          {whole + whole, "not a whole result"},
		"a field of the wrong type": {`{"schemaVersion":1,"outcome":"Succeeded","counts":{"a":"b"}}`,
			"not a whole result"},
		"another version":              {`{"schemaVersion":2,"outcome":"Succeeded"}`, "schemaVersion 2"},
		"no version":                   {`{"outcome":"Succeeded"}`, "schemaVersion 0"},
		"an outcome that nobody knows": {`{"schemaVersion":1,"outcome":"Wonderful"}`, `an unknown outcome`},
		"no outcome":                   {`{"schemaVersion":1}`, `an unknown outcome`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(c.message)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want an error that says %q", err, c.says)
			}
		})
	}
}

func TestParseReadsWhatJSONWrote(t *testing.T) {
	want := Result{
		SchemaVersion: 1, Task: "verify-references", Run: "orphans-29923904", Outcome: Partial, Reason: ReasonServerRefused,
		Message: "m", DryRun: true,
		StartedAt: begin, FinishedAt: begin.Add(12400 * time.Millisecond), DurationSeconds: 12.4,
		Counts:     Counts{"filesChecked": 182044},
		PlanDigest: "d", Sample: []string{"s"}, Warnings: []string{"w"},
	}
	got, err := Parse(string(want.JSON()) + "\n")
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestJSONHasTheDocumentedKeys(t *testing.T) {
	var keys map[string]any
	if err := json.Unmarshal(Result{}.JSON(), &keys); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"schemaVersion", "task", "run", "outcome", "reason", "message", "dryRun", "startedAt",
		"finishedAt", "durationSeconds", "counts"} {
		if _, there := keys[key]; !there {
			t.Errorf("no %s", key)
		}
	}
}

func TestExitCode(t *testing.T) {
	for want, results := range map[int][]Result{
		jobspec.ExitOK: {{Outcome: Succeeded}, {Outcome: Skipped, Reason: ReasonLocked},
			{Outcome: Skipped, Reason: ReasonNotIdle}, {Outcome: Paused, Reason: ReasonTimeBudgetSpent}},
		jobspec.ExitPartial: {{Outcome: Partial, Reason: ReasonDirectoriesUnknown}, {Outcome: Partial}},
		jobspec.ExitRefused: {{Outcome: Refused, Reason: ReasonDeletionCapExceeded},
			{Outcome: Refused, Reason: ReasonRootNotMounted}, {Outcome: Refused}},
		jobspec.ExitUsage:   {{Outcome: Failed, Reason: ReasonUsage}},
		jobspec.ExitBadData: {{Outcome: Failed, Reason: ReasonBadData}},
		jobspec.ExitConfig: {{Outcome: Failed, Reason: ReasonAuthentication},
			{Outcome: Failed, Reason: ReasonConfiguration}},
		jobspec.ExitTemporary: {{Outcome: Failed, Reason: ReasonDatabaseUnreachable}, {Outcome: Failed,
			Reason: ReasonInterrupted}, {Outcome: Failed, Reason: ReasonTimedOut}, {Outcome: Failed, Reason: ReasonLockLost}},
		jobspec.ExitInternal: {{Outcome: Failed, Reason: ReasonInternal}, {Outcome: Failed}, {}},
	} {
		for _, r := range results {
			if got := r.ExitCode(); got != want {
				t.Errorf("%s/%s exits with %d, want %d", r.Outcome, r.Reason, got, want)
			}
		}
	}
}

func ExampleResult_Text() {
	fmt.Print(example().Text())
	// Output:
	// task       cleanup-orphaned-records
	// outcome    Refused (DeletionCapExceeded), dry run: nothing was changed
	// message    nothing was removed: 7 of 10 embeddings are more than 5 %
	// run        orphans-29923904
	// took       1m12.346s
	// plan       5f0c
	//
	//   embeddingsRemoved 7
	//   filesCleaned      0
	//
	// warnings:
	//   2 albums could not be judged
	//
	// for example:
	//   embeddings 65f0: of file 65f1
}

func ExampleResult_Line() {
	fmt.Println(example().Line())
	fmt.Println(Result{Task: "cache-cleanup", Outcome: Succeeded}.Line())
	// Output:
	// cleanup-orphaned-records Refused/DeletionCapExceeded (dry run) embeddingsRemoved=7 filesCleaned=0
	// cache-cleanup Succeeded
}

func example() Result {
	return Result{
		Task: "cleanup-orphaned-records", Run: "orphans-29923904", Outcome: Refused, Reason: ReasonDeletionCapExceeded,
		DryRun:  true,
		Message: "nothing was removed: 7 of 10 embeddings are more than 5 %", DurationSeconds: 72.3456, PlanDigest: "5f0c",
		Counts: Counts{"filesCleaned": 0, "embeddingsRemoved": 7}, Warnings: []string{"2 albums could not be judged"},
		Sample: []string{"embeddings 65f0: of file 65f1"},
	}
}
