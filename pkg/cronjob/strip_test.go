package cronjob

import (
	"encoding/json"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
)

// A slim CronJob is told from another as a whole one is, after it went over the wire, too.
func TestASlimCronJobDiffersAsAWholeOneDoes(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*batchv1.CronJob)
		differs bool
	}{
		"as it was made":            {func(*batchv1.CronJob) {}, false},
		"somebody's own annotation": {func(c *batchv1.CronJob) { c.Annotations["example.com/note"] = "mine" }, false},
		"another schedule":          {func(c *batchv1.CronJob) { c.Spec.Schedule = "* * * * *" }, true},
		"another image":             {func(c *batchv1.CronJob) { c.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Image = "x" }, true},
		"a label less":              {func(c *batchv1.CronJob) { c.Labels = nil }, true},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Resolve(scheduleOf(everything()), settings())
			if err != nil {
				t.Fatal(err)
			}
			desired := r.CronJob(false, time.Time{})
			text, err := json.Marshal(desired)
			if err != nil {
				t.Fatal(err)
			}
			var stored batchv1.CronJob
			if err := json.Unmarshal(text, &stored); err != nil {
				t.Fatal(err)
			}
			c.change(&stored)
			Strip(&stored)
			Strip(&stored) // changes nothing more
			if !IsStripped(&stored) || len(stored.Spec.JobTemplate.Spec.Template.Spec.Containers) > 0 {
				t.Error("it is not slim")
			}
			if Differs(&stored, desired, "") != c.differs {
				t.Errorf("it differs: %v", !c.differs)
			}
		})
	}
}
