package runnow

import (
	"strings"
	"testing"
)

func TestAValueSaysWhetherTheRunOnlyPlans(t *testing.T) {
	for name, c := range map[string]struct {
		value string
		want  Order
	}{
		"a plan":              {"plan:1732633322", Order{Plan: true, Named: true, Token: "1732633322"}},
		"a run":               {"run:1732633322", Order{Named: true, Token: "1732633322"}},
		"a token alone":       {"1732633322", Order{Token: "1732633322"}},
		"a time with colons":  {"2026-11-26T10:00:00Z", Order{Token: "2026-11-26T10:00:00Z"}},
		"a token with colons": {"plan:10:00", Order{Plan: true, Named: true, Token: "10:00"}},
		"what an older plugin wrote": {"kubectl-maint-20261126T100000.000000001Z",
			Order{Token: "kubectl-maint-20261126T100000.000000001Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(c.value)
			if err != nil || got != c.want {
				t.Errorf("got %+v, %v", got, err)
			}
			if got.String() != c.value {
				t.Errorf("written again it is %q", got)
			}
		})
	}
}

// Who wrote one of these may have meant a plan, so that none of them is a run.
func TestAValueThatIsUnclearIsRefused(t *testing.T) {
	for value, says := range map[string]string{
		"Plan:1": "unknown word", "dry-run:1": "unknown word", "PLAN:": "unknown word", "plan:": "such as plan:1",
		"run:": "such as run:1",
		"plan": "plan:TOKEN", "Plan": "plan:TOKEN", "dry-run": "plan:TOKEN",
		"plan:\n1": "cannot be printed", "\x1b[31m": "cannot be printed", strings.Repeat("1", 129): "128 at most",
	} {
		if _, err := Parse(value); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", value, err, says)
		}
	}
}
