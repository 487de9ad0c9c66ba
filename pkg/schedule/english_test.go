package schedule

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
)

func TestSentence(t *testing.T) {
	for expression, want := range map[string]string{
		"30 3 * * *":       "at 03:30 every day",
		"@daily":           "at 00:00 every day",
		"@weekly":          "at 00:00 on Sunday",
		"@hourly":          "at minute 0 of every hour",
		"* * * * *":        "every minute",
		"*/15 * * * 1-5":   "every 15 minutes on Monday to Friday",
		"2-59/5 * * * *":   "every 5 minutes from minute 2 on",
		"0,30 * * * *":     "every 30 minutes",
		"0,20 * * * *":     "at minutes 0 and 20 of every hour",
		"*/30 9-17 * * *":  "at minutes 0 and 30 of hours 9 to 17",
		"* 9 * * *":        "every minute of hour 9",
		"41 1-23/6 * * *":  "at 01:41, 07:41, 13:41 and 19:41 every day",
		"0 4 * * 0,6":      "at 04:00 on Sunday and Saturday",
		"0 4 1 * *":        "at 04:00 on day 1 of the month",
		"0 4 1-7,15 1,6 *": "at 04:00 on days 1 to 7 and 15 of the month in January and June",
		"0 4 13 * 5":       "at 04:00 on day 13 of the month and on Friday",
		"0 0 29 2 *":       "at 00:00 on day 29 of the month in February",
		"0 4 1-31 * 5":     "at 04:00 every day", // cron takes either field
		"*/7 * * * *":      "at minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of every hour",
		"0 3 * * MON-FRI":  "at 03:00 on Monday to Friday",
		"5-8 * 1 1-3,5 2,4": "at minutes 5 to 8 of every hour on day 1 of the month and on Tuesday and Thursday in January " +
			"to March and May",
	} {
		s, err := Resolve(Spec{Cron: expression, TimeZone: "Europe/Berlin"})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Sentence(); got != want+" (Europe/Berlin)" {
			t.Errorf("%s: %q, want %q", expression, got, want)
		}
	}
	for interval, want := range map[time.Duration]string{
		7 * time.Hour: "every 7 hours", 90 * time.Minute: "every 1 hour and 30 minutes",
		61 * time.Second: "every 1 minute and 1 second",
		6 * time.Hour:    "at 01:45, 07:45, 13:45 and 19:45 every day (Etc/UTC)", time.Minute: "every minute (Etc/UTC)",
		36 * time.Hour: "every 36 hours",
	} {
		s, err := Resolve(Spec{Interval: interval})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Sentence(); got != want {
			t.Errorf("%s: %q, want %q", interval, got, want)
		}
	}
}

// Property: a sentence tells exactly when: two expressions that have the same one fire at the same times. Seen to fail
// when the offset of "every 5 minutes" was left out.
func TestOneSentenceIsOneSchedule(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	said := map[string]*cron.SpecSchedule{}
	for range 10_000 {
		expression := randomCron(random)
		s, err := Resolve(Spec{Cron: expression})
		if err != nil {
			continue // 30 February
		}
		spec, sentence := s.fires.(*cron.SpecSchedule), s.Sentence()
		if other, ok := said[sentence]; ok && !sameTimes(spec, other) {
			t.Fatalf("%q is said of %s and of another schedule: %+v, %+v", sentence, expression, spec, other)
		}
		said[sentence] = spec
	}
	if len(said) < 2500 {
		t.Errorf("only %d schedules were compared", len(said))
	}
}

// sameTimes compares a year of hours and of days: the fields of minutes and hours say all of a day.
func sameTimes(a, b *cron.SpecSchedule) bool {
	const star = 1 << 63
	if a.Minute&^star != b.Minute&^star || a.Hour&^star != b.Hour&^star {
		return false
	}
	atA, atB := reference, reference
	for range 400 {
		atA, atB = a.Next(atA), b.Next(atB)
		if !atA.Equal(atB) {
			return false
		}
		atA = atA.Truncate(day).Add(day - time.Second) // on to the next day
		atB = atA
	}
	return true
}

func randomCron(random *rand.Rand) string {
	var parts []string
	for _, f := range []struct{ least, most int }{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}} {
		value := func(from int) int { return from + random.IntN(f.most-from+1) }
		a := value(f.least)
		b := value(a)
		switch random.IntN(8) {
		case 0, 1, 6:
			parts = append(parts, "*")
		case 7:
			step := []int{2, 3, 5, 10}[random.IntN(4)]
			parts = append(parts, fmt.Sprintf("%d-%d/%d", f.least+random.IntN(step), f.most, step))
		case 2:
			parts = append(parts, fmt.Sprint(a))
		case 3:
			parts = append(parts, fmt.Sprintf("%d-%d", a, b))
		case 4:
			parts = append(parts, fmt.Sprintf("%d-%d/%d", a, b, 1+random.IntN(6)))
		case 5:
			parts = append(parts, fmt.Sprintf("*/%d,%d", 1+random.IntN(20), b))
		}
	}
	return strings.Join(parts, " ")
}

func TestHIsAValueThatTheKeyChooses(t *testing.T) {
	for expression, within := range map[string]string{
		"H * * * *": "0-59 * * * *", "H H * * *": "0-59 0-23 * * *", "H(0-29) 2 * * *": "0-29 2 * * *",
		"H/15 * * * *":   "* * * * *",
		"H H(1-5) H * *": "0-59 1-5 1-28 * *", "0 3 * H H": "0 3 * 1-12 0-6", "H(10-50)/20 * * * *": "10-50 * * * *",
		"5,H 3 * * THU": "* 3 * * THU",
	} {
		seen := map[string]bool{}
		for i := range 200 {
			s, err := Resolve(Spec{Cron: expression, Key: fmt.Sprintf("media/schedule-%d", i)})
			if err != nil {
				t.Fatal(err)
			}
			again, _ := Resolve(Spec{Cron: expression, Key: fmt.Sprintf("media/schedule-%d", i)})
			if s.Cron != again.Cron || strings.Contains(s.Cron, "H(") || strings.Contains(s.Cron, "H/") {
				t.Fatalf("%s became %s, and then %s", expression, s.Cron, again.Cron)
			}
			bounds, err := cron.ParseStandard(within)
			if err != nil {
				t.Fatal(err)
			}
			if outer, inner := bounds.(*cron.SpecSchedule), s.fires.(*cron.SpecSchedule); inner.Minute&^outer.Minute != 0 ||
				inner.Hour&^outer.Hour != 0 || inner.Dom&^outer.Dom&^(1<<63) != 0 {
				t.Fatalf("%s became %s", expression, s.Cron)
			}
			seen[s.Cron] = true
		}
		if len(seen) < 10 {
			t.Errorf("%s: 200 schedules share %d forms", expression, len(seen))
		}
	}
}

func TestAWrongHSaysWhatToWrite(t *testing.T) {
	for _, expression := range []string{"H/0 * * * *", "H/60 * * * *", "H(5) * * * *", "H(9-5) * * * *", "H(0-60) * * * *",
		"H( * * * *", "H(1-2 * * * *", "H/x * * * *", "0 0 H(1-31) * *", "H(-5) * * * *"} {
		_, err := Resolve(Spec{Cron: expression, Key: "media/nightly"})
		if err == nil || !strings.Contains(err.Error(), "write H, H/15") {
			t.Errorf("%s: %v", expression, err)
		}
	}
	for _, expression := range []string{"h * * * *", "HH * * * *", "H-5 * * * *"} {
		if _, err := Resolve(Spec{Cron: expression}); err == nil {
			t.Errorf("%s was taken", expression)
		}
	}
}

func TestUpcoming(t *testing.T) {
	s, err := Resolve(Spec{Cron: "0 3 * * *"})
	if err != nil {
		t.Fatal(err)
	}
	times := s.Upcoming(reference, reference, 3)
	if len(times) != 3 || !times[2].Equal(reference.Add(2*day+3*time.Hour)) {
		t.Errorf("got %v", times)
	}
	if s, err = Resolve(Spec{Interval: 7 * time.Hour}); err != nil {
		t.Fatal(err)
	}
	if times = s.Upcoming(reference.Add(time.Hour), reference, 2); !times[1].Equal(reference.Add(14 * time.Hour)) {
		t.Errorf("got %v", times)
	}
}
