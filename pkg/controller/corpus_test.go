package controller

import (
	"math/rand/v2"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/schedule"
)

// corpus is cron expressions right and wrong: those that people write, those that parsers stumble over, and random
// ones.
func corpus() (expressions []string) {
	expressions = []string{
		"0 3 * * *", "*/5 * * * *", "*/60 * * * *", "*/0 * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *",
		"* * * 0 *", "* * * 13 *",
		"* * * * 7", "* * * * 8", "* * * * sun", "* * * * SUN-SAT", "* * * jan *", "* * * January *", "? ? ? ? ?",
		"0 0 ? * MON", "0 0 L * *", "0 0 * * 5#2",
		"0 0 1W * *", "5-1 * * * *", "1-5/2 * * * *", "1-5/0 * * * *", "1/2 * * * *", "*/-1 * * * *", "-1 * * * *",
		"1,2,3 * * * *", "1,,2 * * * *", ", * * * *",
		"1- * * * *", "-5 * * * *", "* * * *", "* * * * * *", "", " ", "\t", "0\t3\t*\t*\t*", "  0 3 * * *  ",
		"0  3  *  *  *", "0 3 * * *\n", "@daily", "@Daily",
		"@midnight", "@weekly", "@monthly", "@yearly", "@annually", "@hourly", "@reboot", "@", "@every", "@every 1h",
		"@every 1", "@every -1h", "@every 0s",
		"TZ=0", "TZ=UTC 0 3 * * *", "CRON_TZ=UTC 0 3 * * *", "TZ=", "TZ= 0 3 * * *", "TZ=Mars/Base 0 3 * * *", "0 0 30 2 *",
		"0 0 31 4,6,9,11 *", "0 0 29 2 *",
		"+1 * * * *", "1.5 * * * *", "0x1 * * * *", "01 * * * *", "001 003 * * *", "１ * * * *", "* * * * *;",
		"* * * * * # nightly", "$(date) * * * *",
		"99999999999999999999 * * * *", "*/99999999999999999999 * * * *", "0-59 0-23 1-31 1-12 0-6", "0 3 * * 0-7",
		"0 3 * * 1-7", "* * * * mon,wed,fri",
		"*/2/2 * * * *", "1-2-3 * * * *", "** * * * *", "*,* * * * *", "*-5 * * * *", "5-* * * * *", "*/* * * * *",
		"/5 * * * *", "H", "h * * * *",
	}
	random := rand.New(rand.NewPCG(8, 9))
	atoms := []string{"*", "?", "0", "1", "5", "7", "12", "23", "24", "31", "32", "59", "60", "-", ",", "/", "*/", "MON",
		"jan", "-5", "1-", "/2", ""}
	for range 500 {
		fields := make([]string, 5)
		if random.IntN(20) == 0 {
			fields = fields[:3+random.IntN(2)]
		}
		for i := range fields {
			for range 1 + random.IntN(2)*random.IntN(3) {
				fields[i] += atoms[random.IntN(len(atoms))]
			}
			if random.IntN(6) > 0 {
				fields[i] = []string{"*", "0", "1", "2-5", "*/2"}[random.IntN(5)]
			}
		}
		expressions = append(expressions, strings.Join(fields, " "))
	}
	return expressions
}

// A schedule is right exactly where the API server's own validation of a CronJob says so. What is refused beyond that
// is named: a zone or @every inside the expression, and what never fires.
func TestTheParserAgreesWithTheAPIServer(t *testing.T) {
	c := clustertest.Start(t)
	namespace := c.Namespace(t, nil)
	template := foreignCronJob(namespace, "corpus")
	agreed := map[bool]int{}
	for _, expression := range corpus() {
		cj := template.DeepCopy()
		cj.Spec.Schedule = expression
		err := c.Client.Create(t.Context(), cj, client.DryRunAll)
		_, mine := schedule.Resolve(schedule.Spec{Cron: expression})
		stricter := mine != nil && (strings.Contains(expression, "TZ=") || strings.HasPrefix(expression, "@every") ||
			strings.Contains(mine.Error(), "never fires"))
		if stricter || expression == "" { // an empty one means an interval
			continue
		}
		if (err == nil) != (mine == nil) {
			t.Errorf("%q: the API server says %v, and schedule.Resolve %v", expression, err, mine)
		}
		agreed[mine == nil]++
	}
	if agreed[true] < 150 || agreed[false] < 150 {
		t.Errorf("the corpus is lopsided: %d right, %d wrong", agreed[true], agreed[false])
	}
}
