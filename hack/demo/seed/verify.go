package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/librarytest"
)

// verify reads the library back, recounts every counter and prints how many are right.
func verify(ctx context.Context, s settings, out io.Writer) error {
	db, disconnect, err := connect(ctx, s)
	if err != nil {
		return err
	}
	defer disconnect()
	docs, err := librarytest.Read(ctx, db)
	if err != nil {
		return err
	}
	m := library.UCoreFS()
	if len(docs[m.Files.Collection]) == 0 {
		return fmt.Errorf("%s.%s is empty: seed it first", s.database, m.Files.Collection)
	}
	allRight := true
	for _, v := range librarytest.Check(docs) {
		printVerdict(v, s.show, out)
		allRight = allRight && v.Right == v.Total
	}
	if !allRight {
		return errors.New("some counters are wrong")
	}
	return nil
}

func printVerdict(v librarytest.Verdict, most int, out io.Writer) {
	fmt.Fprintf(out, "%-18s %d of %d counters right\n", v.Collection, v.Right, v.Total)
	for _, wrong := range v.Wrong[:min(most, len(v.Wrong))] {
		fmt.Fprintf(out, "  %s\n", wrong)
	}
}
