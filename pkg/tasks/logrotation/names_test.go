package logrotation

import (
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for path, want := range map[string]struct {
		kind kind
		log  string
		v    version
	}{
		"app.log":                                   {live, "app.log", version{}},
		"sub/dir.log/app.log":                       {live, "sub/dir.log/app.log", version{}},
		"a.log.20260304-050607.log":                 {live, "a.log.20260304-050607.log", version{}},
		"app.log.20260304-050607":                   {plain, "app.log", version{"20260304-050607", 0}},
		"sub/app.log.20260304-050607.12":            {plain, "sub/app.log", version{"20260304-050607", 12}},
		"app.log.20260304-050607.gz":                {packed, "app.log", version{"20260304-050607", 0}},
		"app.log.20260304-050607.3.gz":              {packed, "app.log", version{"20260304-050607", 3}},
		"app.log.20260304-050607.3.gz.tmp":          {half, "app.log", version{"20260304-050607", 3}},
		"app.log.20260304-050607.3.zst":             {packed, "app.log", version{"20260304-050607", 3}},
		"app.log.20260304-050607.zst.tmp":           {half, "app.log", version{"20260304-050607", 0}},
		"app.log.20260304-050607.tmp":               {half, "app.log", version{"20260304-050607", 0}},
		"app.log.1":                                 {},
		"app.log-20260304":                          {},
		"app.log.gz":                                {},
		"app.log.tmp":                               {},
		"app.log.20260304-050607.0":                 {},
		"app.log.20260304-050607.01":                {},
		"app.log.20260304-050607.bak":               {},
		"app.log.20260304-050607/x":                 {},
		".log":                                      {},
		"catalog":                                   {},
		"app.txt.20260304-050607":                   {},
		"app.log.20260304-050607.99999999999999999": {},
	} {
		t.Run(path, func(t *testing.T) {
			if k, log, v := parse(path); k != want.kind || log != want.log || v != want.v {
				t.Errorf("got %v %q %v", k, log, v)
			}
		})
	}
}

// Seen to fail when the name was made of the time alone.
func TestNextComesAfterEveryOther(t *testing.T) {
	at := time.Date(2026, 3, 4, 6, 6, 7, 999, time.FixedZone("", 3600))
	for name, test := range map[string]struct {
		newest version
		want   string
	}{
		"the first one":                        {version{}, "20260304-050607"},
		"after an older one":                   {version{"20260304-050606", 7}, "20260304-050607"},
		"twice in a second":                    {version{"20260304-050607", 0}, "20260304-050607.1"},
		"ten times in a second":                {version{"20260304-050607", 9}, "20260304-050607.10"},
		"after the clock was put back an hour": {version{"20260304-060607", 0}, "20260304-060607.1"},
	} {
		t.Run(name, func(t *testing.T) {
			got := nextGeneration(at, test.newest)
			if got.String() != test.want || got.compare(test.newest) <= 0 {
				t.Errorf("got %v, want %s", got, test.want)
			}
		})
	}
}
