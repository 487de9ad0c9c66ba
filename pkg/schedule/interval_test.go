package schedule

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// The sentence about intervals with fixed times follows from the code, wherever it stands.
func TestTheDocumentsNameTheIntervalsWithFixedTimes(t *testing.T) {
	const want = "1m, 2m, 3m, 4m, 5m, 6m, 10m, 12m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h, 24h and 168h"
	if text := FixedIntervalsText(); text != want {
		t.Errorf("they are %s", text)
	}
	for _, file := range []string{"docs/scheduling.md", "pkg/api/v1alpha1/spec_types.go"} {
		content, err := os.ReadFile(filepath.Join(tooltest.Root(), file))
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(strings.Fields(strings.ReplaceAll(string(content), "//", "")), " "); !strings.Contains(text,
			FixedIntervalsText()) {
			t.Errorf("%s does not name %s", file, FixedIntervalsText())
		}
	}
}

func TestAnIntervalHasFixedTimesWhereTheSentenceSaysSo(t *testing.T) {
	fixed := map[time.Duration]bool{}
	for _, period := range FixedIntervals() {
		fixed[period] = true
	}
	for _, period := range []time.Duration{40 * time.Minute, 45 * time.Minute, 90 * time.Minute, 28 * time.Hour,
		42 * time.Hour, 84 * time.Hour, 48 * time.Hour, 90 * time.Second} {
		if fixed[period] {
			t.Errorf("%s is said to have fixed times", period)
		}
	}
	for period := time.Minute; period <= 2*week; period += time.Minute {
		s, err := Resolve(Spec{Interval: period, Key: "media/counts"})
		if err != nil {
			t.Fatal(err)
		}
		if s.IsEvery() == fixed[period] {
			t.Errorf("%s: %q, and the sentence says %v", period, s.Cron, fixed[period])
		}
	}
}
