package logname

import "testing"

// The first name is one that UCore FS wrote.
func TestFamilyOf(t *testing.T) {
	timed := func(before, after string) Family { return Family{Before: before, After: after} }
	counted := func(before, after string) Family { return Family{Before: before, After: after, Counted: true} }
	for name, want := range map[string]Family{
		"app_2025-12-17_21-37-01_097859.log":   timed("app_", ""),
		"logs/app_2026-01-31_10-22-33.log":     timed("logs/app_", ""),
		"app_20260131T102233.log":              timed("app_", ""),
		"app_20260131102233.log":               timed("app_", ""),
		"app_20260131-102233123.log":           timed("app_", ""),
		"app_20260131.log":                     timed("app_", ""),
		"app-2026-01-31.log":                   timed("app-", ""),
		"app_2026_01_31.log":                   timed("app_", ""),
		"app.2026.01.31.log":                   timed("app.", ""),
		"app-31.12.2026.log":                   timed("app-", ""),
		"app-2026-01.log":                      timed("app-", ""),
		"app 2026-01-31 10:22:33,123.log":      timed("app ", ""),
		"app_2026-01-31T10:22:33Z.log":         timed("app_", ""),
		"app_2026-01-31T10:22:33.5+01:00.log":  timed("app_", ""),
		"app.2026-01-31_10-22-33_097859.2.log": timed("app.", ""),
		"app_2026-01-31_2.log":                 timed("app_", ""),
		"app_20260131-102233.4711.log":         timed("app_", ""),
		"2026-01-31.log":                       timed("", ""),
		"2026-01-31_app.log":                   timed("", "_app"),
		"worker-1_2026-01-31.log":              timed("worker-1_", ""),
		"app_2026-01-31_worker-1.log":          timed("app_", "_worker-1"),
		"a.log.20260304-050607.log":            timed("a.log.", ""),
		"a\nb_2026-01-31.log":                  timed("a\nb_", ""),

		"six_Oct-26-2026.log":                  timed("six_", ""),
		"Oct-26-2026_10_22_33.log":             timed("", ""),
		"app.26-oct-2026.log":                  timed("app.", ""),
		"app_26OCT2026_102233.log":             timed("app_", ""),
		"app_2026-October-6.2.log":             timed("app_", ""),
		"app-Oct-2026.log":                     timed("app-", ""),
		"app_Mon_Oct_26_2026.log":              timed("app_", ""),
		"app_October 6, 2026_worker-1.log":     timed("app_", "_worker-1"),
		"five_2026-01-31_10-22-33_pid4711.log": timed("five_", "_pid*"),
		"five_20260131T102233Z-PID-4711.log":   timed("five_", "-PID-*"),
		"five_pid=4711_2026-01-31.log":         timed("five_pid=*_", ""),
		"pid4711.2026-01-31.log":               timed("pid*.", ""),
		"rapid4711_2026-01-31.log":             timed("rapid4711_", ""),
		"five_2026-01-31_pid4711_worker-1.log": timed("five_", "_pid*_worker-1"),

		"worker_1.log":              counted("worker_", ""),
		"app_pid4711.log":           counted("app_pid", ""),
		"app_octane-26-2026.log":    counted("app_octane-26-", ""),
		"tenoct-26-2026.log":        counted("tenoct-26-", ""),
		"worker-012.log":            counted("worker-", ""),
		"2026/run7.log":             counted("2026/run", ""),
		"node3_run_12.log":          counted("node3_run_", ""),
		"app_12_v2.log":             counted("app_12_v", ""),
		"3_app.log":                 counted("", "_app"),
		"app_1769855553.log":        counted("app_", ""),
		"app_20261399.log":          counted("app_", ""), // no such month
		"app_202601311.log":         counted("app_", ""), // a date has no ninth digit
		"app_99999999999999999.log": counted("app_", ""),
	} {
		t.Run(name, func(t *testing.T) {
			got, _, ok := FamilyOf(name)
			if got != want || !ok {
				t.Errorf("got %+v, %v, want %+v", got, ok, want)
			}
		})
	}
	for _, name := range []string{
		"app.log", "2026-01-31/app.log", "worker-1/app.log", "17.log", "logs/12345.log", "app_january.log",
	} {
		if f, _, ok := FamilyOf(name); ok {
			t.Errorf("%s is of the family %v", name, f)
		}
	}
}

func TestCompareNumbers(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"9", "10", -1}, {"010", "9", 1}, {"1", "01", 0}, {"0", "1", -1},
		{"99999999999999999999", "100000000000000000000", -1},
	} {
		if got := CompareNumbers(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %d", c.a, c.b, got)
		}
	}
}
