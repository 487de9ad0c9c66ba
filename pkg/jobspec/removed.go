package jobspec

import (
	"errors"

	"github.com/spf13/pflag"
)

// removed is a flag of an earlier version. Whoever gives it is told what to write instead.
type removed struct{ instead string }

func refuse(fs *pflag.FlagSet, name, instead string) {
	fs.Var(removed{instead}, name, "")
	fs.Lookup(name).Hidden = true
}

// Set implements pflag.Value.
func (r removed) Set(string) error { return errors.New(r.instead) }

// String implements pflag.Value.
func (removed) String() string { return "" }

// Type implements pflag.Value.
func (removed) Type() string { return "string" }
