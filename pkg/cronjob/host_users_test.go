package cronjob

import "testing"

func TestTheRunsHaveAUserNamespaceWhereTheOperatorSaysSo(t *testing.T) {
	for name, want := range map[string]*bool{"left to the cluster": nil, "one of their own": new(false),
		"the node's": new(true)} {
		s := settings()
		s.HostUsers = want
		ms := scheduleOf(everything())
		r, err := Resolve(ms, s)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.podSpec().HostUsers; got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
