package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"ucorefs.io/maintenance/internal/testing/librarytest"
)

// verify reads the library back, recounts every counter and prints how many are right, and how many references of each
// kind are broken. Counters that are wrong are an error; broken references are not, since no task of the demo removes
// them.
func verify(ctx context.Context, s settings, out io.Writer) error {
	db, disconnect, err := connect(ctx, s)
	if err != nil {
		return err
	}
	defer disconnect()
	docs, err := librarytest.UCoreFS.Read(ctx, db)
	if err != nil {
		return err
	}
	if len(docs[fileRecords]) == 0 {
		return fmt.Errorf("%s.%s is empty: seed it first", s.database, fileRecords)
	}
	right := printCounters(docs, s.show, out)
	printBroken(docs, out)
	if !right {
		return errors.New("some counters are wrong")
	}
	return nil
}

// printCounters reports whether all counters are right.
func printCounters(docs librarytest.Docs, most int, out io.Writer) (right bool) {
	right = true
	for _, v := range librarytest.UCoreFS.Check(docs) {
		printVerdict(v, most, out)
		right = right && v.Right == v.Total
	}
	return right
}

func printVerdict(v librarytest.Verdict, most int, out io.Writer) {
	fmt.Fprintf(out, "%-18s %d of %d have the right counters\n", v.Collection, v.Right, v.Total)
	for _, wrong := range v.Wrong[:min(most, len(v.Wrong))] {
		fmt.Fprintf(out, "  %s\n", wrong)
	}
}

// printBroken prints what verify-references should report.
func printBroken(docs librarytest.Docs, out io.Writer) {
	kinds := map[string]int{}
	for _, broken := range librarytest.UCoreFS.Broken(docs) {
		kinds[broken.Kind]++
	}
	fmt.Fprintln(out, "\nreferences to records that do not exist, which verify-references reports:")
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(out, "  %4d %s\n", kinds[kind], kind)
	}
}
