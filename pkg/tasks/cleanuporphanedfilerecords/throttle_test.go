package cleanuporphanedfilerecords

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/presence"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/throttle"
)

// nothingSaved is what the first run of all finds.
type nothingSaved struct{}

func (nothingSaved) Load(context.Context, checkpoint.Key) (bson.Raw, error) { return nil, nil }

// The time is that of a bubble, in which only waiting takes any. Seen to fail when the limit on files applied to
// cache-cleanup alone.
func TestAThrottleLimitsTheNamesThatAreListed(t *testing.T) {
	const folders, filesOfEach, perSecond = 4, 10, 10
	dir := t.TempDir()
	for i := range folders * filesOfEach {
		name := filepath.Join(dir, fmt.Sprint(i%folders), fmt.Sprint(i))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open := func(folder string) (presence.Disk, error) { return files.OpenLibrary(folder) }
	survey := presence.New(presence.Library{Given: []string{dir}})
	defer survey.Close()
	if err := survey.Enter(t.Context(), open, ""); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		env := tasks.Env{Throttle: throttle.New(throttle.Limits{Files: perSecond}), Now: began,
			Elapsed: func() time.Duration { return 0 }, Checkpoints: checkpoint.ReadOnly(nothingSaved{})}
		s := &scan{facts: &facts{Survey: survey}, env: env, atOnce: atOnce, listing: newListing(env, survey)}
		if err := s.list(t.Context()); err != nil {
			t.Fatal(err)
		}
		const names = folders + folders*filesOfEach
		if s.onDisk != names {
			t.Errorf("%d names are listed", s.onDisk)
		}
		if took := time.Since(began); took < (names-1)*time.Second/perSecond {
			t.Errorf("it took %s", took)
		}
	})
}
