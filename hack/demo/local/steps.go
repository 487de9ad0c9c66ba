package main

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// step is one task: how it is run, what the recount counts, and which counts of its result say the same.
type step struct {
	task    string
	why     string // what it is good for, in a sentence
	wrong   string // what is counted, in a few words
	folder  string // the kind of folder that it works on; "" for none
	args    []string
	reports []string          // patterns of the counts that add up to what it changed
	count   func(s state) int // what is wrong
	reads   bool              // it only reports, so that all stays as it is
	// before makes the step worth seeing; nil for most.
	before func(ctx context.Context, d *demo) error
}

// cleaned are the counts of records that cleanup-orphaned-records changed or deleted.
var cleaned = []string{"*Cleaned", "embeddingsRemoved", "relationsRemoved", "detectionsRemoved", "annotationsRemoved"}

// steps are all tasks, in an order in which each finds something.
func steps() []step {
	return []step{
		{task: "verify-references", why: "Finds references to records that do not exist. It changes nothing.",
			wrong: "broken references", count: broken, reports: []string{"broken*"}, reads: true},
		{task: "cleanup-orphaned-file-records", wrong: "records without a file", folder: "library", count: gone,
			why: "Deletes records of files that are gone from disk: seen twice, and missing for the whole grace period " +
				"(7 days by default; none here).",
			args: []string{"--grace-period=0s"}, before: firstSighting, reports: []string{"recordsDeleted"}},
		{task: "cleanup-orphaned-records", wrong: "records to clean", count: uncleaned, reports: cleaned,
			why: "Removes references to records that no longer exist. A plan that concerns more than 5 % of a collection is " +
				"refused, until a person allows that very plan."},
		{task: "rebuild-album-references", wrong: "wrong album lists", count: misfiled, reports: []string{"filesUpdated"},
			why: "Makes each file's album_ids say what the albums say."},
		{task: "rebuild-all-counts", wrong: "miscounted records", count: miscounted, reports: []string{"*Updated"},
			why: "Recomputes every counter and writes only those that are wrong."},
		{task: "background-count-verification", wrong: "miscounted records", count: miscounted,
			why: fmt.Sprintf("The light form of the same, for every few minutes. (The demo has just spoiled %d counters "+
				"again.)", spoiled),
			before: spoilCounters, reports: []string{"driftFixed"}},
		{task: "fix-file-types", wrong: "files of unknown type", count: untyped, reports: []string{"filesFixed"},
			why: "Sets the type of files that say unknown, by their extension."},
		{task: "reprocess-incomplete-embeddings", wrong: "images not embedded", count: unembedded,
			why: "Queues images again that have no embedding.", reports: []string{"filesReset"}},
		{task: "database-optimization", wrong: "vectors not indexed", folder: "indexes", count: unindexed,
			why: "Ensures the indexes and rebuilds the FAISS index files.", reports: []string{"vectorsWritten"}},
		{task: "cache-cleanup", wrong: "unused cache files", folder: "cache", count: oldCache,
			why: "Deletes cache files that nobody used for 30 days.", reports: []string{"filesDeleted"}},
		{task: "log-rotation", wrong: "surplus log files", folder: "logs", count: surplusLogs,
			why: "Keeps the newest 10 log files.", reports: []string{"filesDeleted"}},
		{task: "cleanup-old-records", wrong: "expired records", count: expired,
			reports: []string{"tasksDeleted", "journalDeleted"},
			why:     "Deletes finished tasks older than 30 days and journal entries older than 90."},
	}
}

// firstSighting is the run that notes what is missing; the records of the rest may go at a later one.
func firstSighting(ctx context.Context, d *demo) error {
	_, err := d.ran(ctx, "noted", append([]string{"run", "cleanup-orphaned-file-records"}, d.job.paths("library")...))
	return err
}

// spoiled is how many counters spoilCounters makes wrong.
const spoiled = 5

func spoilCounters(ctx context.Context, d *demo) error {
	for range spoiled {
		right := bson.D{{Key: "file_count", Value: bson.D{{Key: "$lt", Value: 1000}}}}
		wrong := bson.D{{Key: "$inc", Value: bson.D{{Key: "file_count", Value: 1000}}}}
		if _, err := d.db.Collection("tags").UpdateOne(ctx, right, wrong); err != nil {
			return fmt.Errorf("spoil a counter: %w", err)
		}
	}
	return nil
}
