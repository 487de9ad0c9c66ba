package controller

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// fuzzedMessages is how many termination messages are made up.
const fuzzedMessages = 5000

// A pod that dies may leave anything as its last words: a panic that quotes the connection string, half a result, a
// result with the string where it does not belong. Nothing of it gets into status, Events or the labels of metrics.
// Seen to fail with the error of encoding/json passed on, which quotes a time that is none, with the task and the
// digest taken over as they are, and with the sentences.
func TestNoSecretGetsOutOfATerminationMessage(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range fuzzedMessages {
		message := oneMessage(random)
		result, ok := judged(message, int32(random.IntN(3)))
		if !ok {
			t.Fatalf("it is not judged: %s", message)
		}
		told, err := json.Marshal(struct {
			Status v1alpha1.RunResult
			Event  event
		}{result, eventOfRun(result.RunSummary)})
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"alice", "s3cr3t", "wort", "mongodb:"} {
			if strings.Contains(fmt.Sprintf("%s %+v", told, eventOfRun(result.RunSummary)), secret) {
				t.Fatalf("%s became %s", message, told)
			}
		}
	}
}

// What maint-job itself writes about connection strings stays whole.
func TestWhatIsSaidAboutConnectionStringsStays(t *testing.T) {
	const hint = "the MongoDB connection string cannot be used: it does not begin with mongodb:// or mongodb+srv://; " +
		"write mongodb://USER:PASSWORD@HOST:PORT/DATABASE or mongodb+srv://USER:PASSWORD@HOST/DATABASE"
	if got := sentenceOf(hint); got != hint {
		t.Errorf("it became %q", got)
	}
	if got := sentenceOf(hint + " mongodb://alice:s3cr3t@db"); strings.Contains(got, "s3cr3t") {
		t.Errorf("a secret stays: %q", got)
	}
}

// oneMessage holds a connection string somewhere.
func oneMessage(random *rand.Rand) string {
	odd := []string{"", "/", "@", "%", "%2F", `"`, `\`, "\n", "é", "\x00", "{", ","}
	uri := "mongodb://alice:s3cr3t" + odd[random.IntN(len(odd))] + "wort@db:27017/ucorefs"
	quoted, _ := json.Marshal(uri) // a string can be marshalled
	fields := map[string]string{"schemaVersion": "1", "task": `"verify-references"`, "outcome": `"Failed"`,
		"reason": `"Internal"`, "message": `"it failed"`,
		"dryRun": "false", "startedAt": `"2026-11-25T12:00:00Z"`, "durationSeconds": "1.5", "counts": `{"filesChecked":1}`,
		"planDigest": `"12ab"`}
	names := []string{"schemaVersion", "task", "outcome", "reason", "dryRun", "startedAt", "finishedAt", "durationSeconds",
		"counts", "planDigest", "message", "another"}
	switch random.IntN(6) {
	case 0:
		return "panic: cannot reach " + uri
	case 1:
		return string(quoted)
	case 2:
		fields["counts"] = fmt.Sprintf(`{%s:%s}`, quoted, []string{`"x"`, string(quoted), "1e99", "[]", "1"}[random.IntN(5)])
	case 3:
		fields[[]string{"sample", "warnings"}[random.IntN(2)]] = fmt.Sprintf(`["it failed", %s]`, quoted)
	default:
		fields[names[random.IntN(len(names))]] = string(quoted)
	}
	var members []string
	for name, value := range fields {
		members = append(members, fmt.Sprintf("%q:%s", name, value))
	}
	whole := "{" + strings.Join(members, ",") + "}"
	if random.IntN(3) == 0 {
		return whole[:random.IntN(len(whole))]
	}
	return whole
}
