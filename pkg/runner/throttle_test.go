package runner

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/progress"
)

// paced is a run under way that nobody works on.
func paced(t *testing.T, file string, log io.Writer) (r *run, stop func()) {
	t.Helper()
	r = &run{o: jobspec.Defaults()}
	r.o.ThrottleFile = file
	r.Log = slog.New(slog.NewTextHandler(log, nil))
	r.Progress = progress.New(progress.Output{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	return r, r.limit(t.Context())
}

// Seen to fail when the file was read at the start only, and when a word that is no throttle took the limits away.
func TestAFileChangesTheThrottleOfARunUnderWay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "throttle")
	for _, c := range []struct {
		began, says, throttle string
		limit                 int64
		logged                string
	}{
		{"", "", "low", 50_000, ""},
		{"", "Off", "off", 0, "from=low to=off"},
		{"Off", "normal\n", "normal", 250_000, "from=off to=normal"},
		{"normal", "fast", "normal", 250_000, "wanted=fast"},
		{"normal", "", "low", 50_000, "from=normal to=low"},
	} {
		t.Run("from "+c.began+" to "+c.says, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(c.began), 0o600); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				r, stop := paced(t, file, &log)
				defer stop()
				if err := os.WriteFile(file, []byte(c.says), 0o600); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * lookAtThrottleEvery)
				synctest.Wait()
				live := r.Progress.Live()
				if live.Throttle != c.throttle || live.Limit != c.limit {
					t.Errorf("it has the throttle %q and may take %d a second", live.Throttle, live.Limit)
				}
				if !strings.Contains(log.String(), c.logged) || strings.Count(log.String(), "\n") > 2 {
					t.Errorf("the log says\n%s", log.String())
				}
			})
		})
	}
}

func TestAFileThatIsNotThereChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r, stop := paced(t, filepath.Join(t.TempDir(), "throttle"), &log)
		defer stop()
		time.Sleep(2 * lookAtThrottleEvery)
		synctest.Wait()
		if live := r.Progress.Live(); live.Throttle != "low" || log.Len() > 0 {
			t.Errorf("it has the throttle %q; the log says %q", live.Throttle, log.String())
		}
	})
}

// Seen to fail when only the progress said so.
func TestTheLogSaysWhyARunMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r, stop := paced(t, "", &log)
		defer stop()
		answered := func(times int, took time.Duration) {
			for range times {
				time.Sleep(took)
				r.throttle.Answered("getMore", took)
			}
			time.Sleep(2 * lookAtThrottleEvery)
			synctest.Wait()
		}
		answered(100, 20*time.Millisecond)
		if log.Len() > 0 {
			t.Errorf("at first the log says %q", log.String())
		}
		answered(1, 400*time.Millisecond)
		const why = `why="the database takes 400ms to answer, usually 21ms" limit=25000`
		if !strings.Contains(log.String(), why) || r.Progress.Live().Why() == "" {
			t.Errorf("the log says %q", log.String())
		}
		answered(2000, 20*time.Millisecond)
		if !strings.Contains(log.String(), "as much as its throttle allows again") || strings.Count(log.String(), "\n") != 2 {
			t.Errorf("in the end the log says\n%s", log.String())
		}
	})
}
