package jobspec

import "testing"

func TestThePriorityDecidesWhereNoThrottleIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ priority, throttle, want string }{
		"a run of low priority":            {PriorityLow, ThrottleByPriority, ThrottleLow},
		"a run of normal priority":         {PriorityNormal, ThrottleByPriority, ThrottleNormal},
		"a run of high priority":           {PriorityHigh, ThrottleByPriority, ThrottleOff},
		"a throttle that is off":           {PriorityLow, ThrottleOff, ThrottleOff},
		"a throttle of a run that is high": {PriorityHigh, ThrottleLow, ThrottleLow},
	} {
		o := Defaults()
		o.Priority, o.Throttle = c.priority, c.throttle
		if got := o.ThrottleLevel(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
