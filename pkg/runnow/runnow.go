// Package runnow reads and writes the value of the annotation run-now: an order for one run, given once.
//
//	plan:TOKEN  one run that only plans
//	run:TOKEN   one run as the schedule says
//	TOKEN       the same, as it was written before the words existed
//
// The token makes each value a new one: a time, a build number. Whether the run only plans is part of the value, so
// that nothing that is removed elsewhere turns a plan into a real run.
//
// It is pure, and it must not know what became of an order: that is the controller's.
package runnow

import (
	"fmt"
	"regexp"
	"unicode"
	"unicode/utf8"
)

// MaxLength is the most characters that a value may have.
const MaxLength = 128

// Order is a value that was understood.
type Order struct {
	Plan  bool // the run only plans, whatever the schedule says
	Named bool // the value says plan or run itself
	Token string
}

// The words before the token.
const (
	planWord = "plan"
	runWord  = "run"
)

var (
	worded   = regexp.MustCompile(`(?s)^([A-Za-z][A-Za-z-]*):(.*)$`)
	bareWord = regexp.MustCompile(`(?i)^(plan|dry-?run)$`)
)

// Parse reads a value. An unknown word before a colon is an error and no run: who wrote it may have meant a plan.
func Parse(value string) (Order, error) {
	if err := check(value); err != nil {
		return Order{}, err
	}
	parts := worded.FindStringSubmatch(value)
	switch {
	case parts == nil && bareWord.MatchString(value):
		return Order{}, fmt.Errorf("%q has no token: write %s:TOKEN or %s:TOKEN, with another token each time, such as %s:1",
			value, planWord, runWord, planWord)
	case parts == nil:
		return Order{Token: value}, nil
	case parts[1] != planWord && parts[1] != runWord:
		return Order{}, fmt.Errorf("%q begins with an unknown word: write %s:TOKEN for a run that only plans, or %s:TOKEN",
			value, planWord, runWord)
	case parts[2] == "":
		return Order{}, fmt.Errorf("%q has no token: write %s:TOKEN, with another token each time, such as %s:1", value,
			parts[1], parts[1])
	}
	return Order{Plan: parts[1] == planWord, Named: true, Token: parts[2]}, nil
}

func check(value string) error {
	if n := utf8.RuneCountInString(value); n > MaxLength {
		return fmt.Errorf("the value has %d characters: write %d at most", n, MaxLength)
	}
	for _, r := range value {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("the value %q has a character that cannot be printed: write letters, digits and dashes", value)
		}
	}
	return nil
}

// String is the value, as Parse reads it.
func (o Order) String() string {
	switch {
	case o.Plan:
		return planWord + ":" + o.Token
	case o.Named:
		return runWord + ":" + o.Token
	}
	return o.Token
}
