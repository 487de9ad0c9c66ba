package librarytest

import (
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

var ucorefsStatuses = []any{"pending", "running", "completed", "failed", "quarantined"}

// ucorefsTasks makes task records; about one in ten is pending and asks for embeddings of some files.
func (g *generator) ucorefsTasks() {
	for i := range g.o.Tasks {
		handler, args, status := "scan_directory", bson.A{}, g.status(ucorefsStatuses...)
		if ids := g.ids[fileRecords]; len(ids) > 0 && g.chance(0.1) {
			handler, args, status = "process_phase2_batch", bson.A{idTexts(ids, g.rand.IntN(len(ids)))}, "pending"
		}
		g.add(tasks, g.taskRecord(fmt.Sprintf("task %d", i), handler, args, status))
	}
}

// idTexts is up to 20 ids from a place on, as the one text that a task takes.
func idTexts(ids []any, from int) string {
	var texts []string
	for _, id := range ids[from:min(from+20, len(ids))] {
		texts = append(texts, fmt.Sprint(rootText(id)))
	}
	return strings.Join(texts, ",")
}

// taskRecord was updated more than a day ago, so that the library is idle whatever the task's status is.
func (g *generator) taskRecord(name, handler string, args bson.A, status any) bson.D {
	created := g.past(60).AddDate(0, 0, -2)
	updated, completed := pyInt(created.Unix()+5), any(nil)
	if status == "completed" || status == "failed" {
		completed = updated
	}
	return document(
		"_id", g.newID(), "_cls", "TaskRecord", "name", name, "handler_name", handler, "task_args", args, "status", status,
		"priority", int32(1), "progress", int32(0), "result", nil, "error", nil, "error_type", nil,
		"created_at", g.taskTime(created), "started_at", nil, "completed_at", completed, "updated_at", updated,
		"recovery_count", int32(0), "interrupted", nil, "retryable", true,
	)
}

func (g *generator) status(known ...any) any {
	if g.dirty("task records of an unknown status") {
		return pick(g, bson.A{"cancelled", "Completed", nil, absent{}, int32(2)})
	}
	return pick(g, known)
}

// taskTime is a time in Unix seconds, or what stands in its place.
func (g *generator) taskTime(at time.Time) any {
	if g.dirty("times that are none") {
		return pick(g, g.noTimes())
	}
	forms := bson.A{
		int32(at.Unix()), at.Unix(), float64(at.UnixMilli()) / 1000, at.UnixMilli(), float64(at.UnixMilli()),
		bson.NewDateTimeFromTime(at),
	}
	if !g.dirty("times of another type") {
		return forms[0]
	}
	return pick(g, forms)
}

func (g *generator) noTimes() bson.A {
	return bson.A{nil, absent{}, "yesterday", int64(0), int64(-5), g.o.Now.Add(48 * time.Hour).Unix(), true}
}

// journalEntries are dated, or have the time as text, as the application's two ways of logging write it.
func (g *generator) journalEntries() {
	for i := range g.o.Journal {
		g.add(journal, document(
			"_id", g.newID(), "_cls", "JournalEntry", "timestamp", g.journalTime(), "level", "INFO", "source", "scan",
			"message", fmt.Sprintf("message %d", i), "details", bson.D{{Key: "i", Value: int32(i)}},
		))
	}
}

func (g *generator) journalTime() any {
	at := g.past(180)
	if g.dirty("times that are none") {
		return pick(g, g.noTimes())
	}
	return pick(g, bson.A{bson.NewDateTimeFromTime(at), isoText(at)})
}

// isoText is a time as Python's isoformat writes it in UTC.
func isoText(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000") }
