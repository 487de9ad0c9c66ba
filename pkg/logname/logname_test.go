package logname

import (
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for path, want := range map[string]struct {
		kind Kind
		log  string
		v    Version
	}{
		"app.log":                                   {Live, "app.log", Version{}},
		"sub/dir.log/app.log":                       {Live, "sub/dir.log/app.log", Version{}},
		"a.log.20260304-050607.log":                 {Live, "a.log.20260304-050607.log", Version{}},
		"app.log.20260304-050607":                   {Generation, "app.log", Version{"20260304-050607", 0}},
		"sub/app.log.20260304-050607.12":            {Generation, "sub/app.log", Version{"20260304-050607", 12}},
		"app.log.20260304-050607.gz":                {Packed, "app.log", Version{"20260304-050607", 0}},
		"app.log.20260304-050607.3.gz":              {Packed, "app.log", Version{"20260304-050607", 3}},
		"app.log.20260304-050607.3.gz.tmp":          {Temporary, "app.log", Version{"20260304-050607", 3}},
		"app.log.20260304-050607.3.zst":             {Packed, "app.log", Version{"20260304-050607", 3}},
		"app.log.20260304-050607.zst.tmp":           {Temporary, "app.log", Version{"20260304-050607", 0}},
		"app.log.20260304-050607.tmp":               {Temporary, "app.log", Version{"20260304-050607", 0}},
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
			if k, log, v := Parse(path); k != want.kind || log != want.log || v != want.v {
				t.Errorf("got %v %q %v", k, log, v)
			}
		})
	}
}

// Seen to fail when the name was made of the time alone.
func TestNextComesAfterEveryOther(t *testing.T) {
	at := time.Date(2026, 3, 4, 6, 6, 7, 999, time.FixedZone("", 3600))
	for name, test := range map[string]struct {
		newest Version
		want   string
	}{
		"the first one":                        {Version{}, "20260304-050607"},
		"after an older one":                   {Version{"20260304-050606", 7}, "20260304-050607"},
		"twice in a second":                    {Version{"20260304-050607", 0}, "20260304-050607.1"},
		"ten times in a second":                {Version{"20260304-050607", 9}, "20260304-050607.10"},
		"after the clock was put back an hour": {Version{"20260304-060607", 0}, "20260304-060607.1"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Next(at, test.newest)
			if got.String() != test.want || got.Compare(test.newest) <= 0 {
				t.Errorf("got %v, want %s", got, test.want)
			}
		})
	}
}
