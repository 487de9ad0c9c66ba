package bench_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/memlimit"
)

// figure is what one run, or one bare drain, took.
type figure struct {
	cost
	allocations uint64
	load        string // of the machine, when it began
}

// BenchmarkReplay compares runs on a server that generates nothing while it answers with bare drains of all file
// records by one cursor, in turns. Runs have the floor of maint-job below their heap, drains have Go's own settings.
// BENCH_CSV names a file to which the raw figures are added.
func BenchmarkReplay(b *testing.B) {
	for _, p := range paces {
		b.Run(p.name, func(b *testing.B) {
			s := serve(b, fileCount(b), p)
			for _, x := range subjects {
				switch x.name {
				case jobspec.RebuildAllCounts, jobspec.VerifyReferences, jobspec.CleanupOrphanedRecords:
					b.Run(x.name, func(b *testing.B) { s.replay(b, p, x) })
				}
			}
		})
	}
}

func (s *shelf) replay(b *testing.B, p pace, x subject) {
	b.Helper()
	seen, task := newTraffic(), x.task(b)
	// The first run has the server prepare the documents, and shows the fields.
	s.run(b, mongotest.Writer(b, s.Connect(b, seen.see)), task)
	fields := seen.finds[fileRecords][0].Lookup("projection").Document()
	w := s.Writer(b)
	var runs, drains []figure
	for i := 0; b.Loop(); i++ {
		turns := []func(){
			func() {
				defer memlimit.Floor(os.Getenv, memlimit.JobFloor)()
				runs = append(runs, figureOf(b, func() { s.run(b, w, task) }))
			},
			func() { drains = append(drains, figureOf(b, func() { s.drain(b, fields) })) },
		}
		turns[i%2]()
		turns[1-i%2]()
	}
	s.keepRaw(b, p, x, runs, drains)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(medianOf(runs, drains, func(f figure) float64 { return f.wall.Seconds() }), "×time")
	b.ReportMetric(medianOf(runs, drains, func(f figure) float64 { return f.cpu.Seconds() }), "×cpu")
	of := func(value func(figure) float64) float64 {
		return medianOf(runs, nil, value) / float64(s.files)
	}
	b.ReportMetric(of(func(f figure) float64 { return float64(f.cpu.Nanoseconds()) }), "cpu-ns/doc")
	b.ReportMetric(of(func(f figure) float64 { return float64(f.allocations) }), "allocs/doc")
	b.ReportMetric(float64(seen.total), "commands")
}

// drain reads all file records in the order of _id and does nothing with them.
func (s *shelf) drain(b *testing.B, fields bson.Raw) {
	b.Helper()
	o := options.Find().SetProjection(fields).SetSort(bson.D{{Key: "_id", Value: 1}}).SetBatchSize(5000)
	cursor, err := s.DB.Collection(fileRecords).Find(b.Context(), bson.D{}, o)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for cursor.Next(b.Context()) {
		n++
	}
	if err := cursor.Err(); err != nil || n != s.files {
		b.Fatal(n, err)
	}
}

func figureOf(b *testing.B, do func()) (f figure) {
	b.Helper()
	load, _ := os.ReadFile("/proc/loadavg")
	f.load, _, _ = strings.Cut(string(load), " ")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f.cost = costOf(b, do)
	runtime.ReadMemStats(&after)
	f.allocations = after.Mallocs - before.Mallocs
	return f
}

// medianOf is the median of the values of runs, each divided by that of the drain beside it, if there are drains.
func medianOf(runs, drains []figure, value func(figure) float64) float64 {
	values := make([]float64, len(runs))
	for i := range runs {
		if values[i] = value(runs[i]); drains != nil {
			values[i] /= value(drains[i])
		}
	}
	return median(values)
}

func (s *shelf) keepRaw(b *testing.B, p pace, x subject, runs, drains []figure) {
	b.Helper()
	path := os.Getenv("BENCH_CSV")
	if path == "" {
		return
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	w := csv.NewWriter(out)
	at := time.Now().UTC().Format(time.RFC3339)
	for i := range runs {
		for name, f := range map[string]figure{x.name: runs[i], "bare drain": drains[i]} {
			_ = w.Write([]string{at, p.name, x.name, fmt.Sprint(s.files), fmt.Sprint(i + 1), name,
				fmt.Sprint(f.wall.Milliseconds()), fmt.Sprint(f.cpu.Milliseconds()), fmt.Sprint(f.allocations), f.load})
		}
	}
	if w.Flush(); w.Error() != nil {
		b.Fatal(w.Error())
	}
}
