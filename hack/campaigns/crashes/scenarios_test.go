package crashes

import (
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// scenario is what a seed is about: a task, and what was before it.
type scenario struct {
	name string
	task string
	// journaled: whatever the task takes away can be brought back byte by byte.
	journaled bool
	files     bool // the task looks at files
	moves     bool // files come and go while the task works
	undoes    bool // the task is the restore of what firstRun did before
	// begin prepares; what it sends is not judged.
	begin func(*simulation)
	// expects tells what must be in the end, where an oracle knows; nil: none does.
	expects func(*simulation, librarytest.Docs) librarytest.Docs
}

// firstRun is the name of the run that a scenario begins with.
const firstRun = "first"

// grace is longer than all that passes in a simulation.
const grace = 10_000 * time.Hour

var scenarios = []scenario{
	{name: "broken references", task: jobspec.CleanupOrphanedRecords, journaled: true, expects: cleaned},
	{name: "counters", task: jobspec.RebuildAllCounts},
	{name: "files that are gone", task: jobspec.CleanupOrphanedFileRecords, journaled: true, files: true,
		expects: withoutMissing},
	{name: "mirrors", task: jobspec.RebuildAlbumReferences, journaled: true, expects: mirrored},
	{name: "old records", task: jobspec.CleanupOldRecords, journaled: true},
	{name: "files that wait", task: jobspec.CleanupOrphanedFileRecords, journaled: true, files: true, begin: waits,
		expects: unchanged},
	{name: "embeddings", task: jobspec.ReprocessIncompleteEmbeddings, journaled: true},
	{name: "a restore", task: jobspec.CleanupOrphanedRecords, undoes: true, begin: undone, expects: original},
	{name: "file types", task: jobspec.FixFileTypes, journaled: true},
	{name: "an empty target", task: jobspec.CleanupOrphanedRecords, journaled: true, begin: emptied, expects: tagsKept},
	{name: "files that are due", task: jobspec.CleanupOrphanedFileRecords, journaled: true, files: true, begin: due,
		expects: withoutMissing},
	{name: "above the cap", task: jobspec.CleanupOrphanedRecords, journaled: true, begin: capped, expects: nothingTaken},
	{name: "some counters", task: jobspec.BackgroundCountVerification},
	{name: "a disk that changes", task: jobspec.CleanupOrphanedFileRecords, journaled: true, files: true, moves: true},
}

// cleaned is what is left when nothing leads nowhere any more; nobody knows where a refusal is right.
func cleaned(s *simulation, docs librarytest.Docs) librarytest.Docs {
	for _, r := range s.layout.References() {
		for _, to := range r.To {
			if len(docs[to]) == 0 {
				return nil
			}
		}
	}
	return s.layout.Cleaned(docs)
}

func mirrored(s *simulation, docs librarytest.Docs) librarytest.Docs { return s.layout.Mirrored(docs) }

func unchanged(_ *simulation, docs librarytest.Docs) librarytest.Docs { return docs }

// tagsKept is all, where something refers to tags.
func tagsKept(s *simulation, docs librarytest.Docs) librarytest.Docs {
	for _, b := range s.layout.Broken(docs) {
		if b.Kind == "brokenTagRefs" {
			return docs
		}
	}
	return nil
}

// nothingTaken is all, where there is anything to take.
func nothingTaken(s *simulation, docs librarytest.Docs) librarytest.Docs {
	if librarytest.Diff(docs, s.layout.Cleaned(docs)) == "" {
		return nil
	}
	return docs
}

// withoutMissing is what is left without the records of files that are gone, where each root has one that is not.
func withoutMissing(s *simulation, docs librarytest.Docs) librarytest.Docs {
	var keys []string
	for _, gone := range s.library.Missing {
		keys = append(keys, librarytest.KeyOf(gone.ID))
	}
	for _, r := range s.library.Roots {
		alive := slices.ContainsFunc(docs["file_records"], func(doc bson.Raw) bool {
			path, _ := doc.Lookup("path").StringValueOK()
			return strings.HasPrefix(path, r.Path+"/") && !slices.Contains(keys, librarytest.Key(doc.Lookup("_id")))
		})
		if !alive {
			return nil
		}
	}
	return s.layout.Deleted(docs, "file_records", keys...)
}

// original is the library before the run that is undone.
func original(s *simulation, _ librarytest.Docs) librarytest.Docs { return s.library.Raw() }

// noted has a run note what is missing.
func noted(s *simulation) {
	s.o.GracePeriod = grace
	s.process("noting").do()
}

// waits is when what was noted has not been missing for long enough, whatever the pods' clocks say.
func waits(s *simulation) {
	noted(s)
	time.Sleep(time.Hour)
	s.skew = 2 * grace
}

// due is when it has, whatever they say.
func due(s *simulation) {
	noted(s)
	time.Sleep(grace + time.Hour)
	s.skew = -2 * grace
}

// undone lets a run do what is restored then.
func undone(s *simulation) {
	s.scenario.undoes = false
	s.process(firstRun).do()
	s.scenario.undoes = true
}

// emptied is a collection into which references lead, and which is being restored.
func emptied(s *simulation) {
	_, err := s.app.Collection("tags").DeleteMany(s.t.Context(), bson.D{})
	s.must(err)
}

// capped is a plan that is one removal too large.
func capped(s *simulation) { s.o.MaxDeletes = 0 }
