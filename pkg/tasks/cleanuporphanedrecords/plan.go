package cleanuporphanedrecords

import (
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// plan is every write, with what it removes.
type plan struct {
	model      names
	files      []shortened
	albums     []shortened
	embeddings []mongodb.Deletion
	digest     string
	verdict    *tasks.Verdict
}

// shortened is one document that loses references.
type shortened struct {
	update mongodb.Update
	// tags, albums and files are the references that go; cover is whether a cover_id is cleared.
	tags, albums, files []mongodb.ID
	cover               bool
}

func decide(f facts, o jobspec.Options) plan {
	p := plan{model: f.model}
	for _, file := range f.files {
		if s, any := file.shorten(f); any {
			p.files = append(p.files, s)
		}
	}
	for _, album := range f.albums {
		p.albums = append(p.albums, album.shorten(f))
	}
	for _, e := range f.embeddings {
		p.embeddings = append(p.embeddings, mongodb.Deletion{ID: e.id, If: map[string]mongodb.Value{f.model.embedded: e.file}})
	}
	p.digest = p.digestOf()
	p.verdict = tasks.Capped([]tasks.Removal{
		{What: "files lose references", N: int64(len(p.files)), Total: f.filesTotal},
		{What: "albums lose references", N: int64(len(p.albums)), Total: f.albumsTotal},
		{What: "embeddings go", N: int64(len(p.embeddings)), Total: f.embeddingsTotal},
	}, p.digest, o.Limits)
	return p
}

func (f fileFacts) shorten(all facts) (shortened, bool) {
	s := shortened{update: mongodb.Update{ID: f.id}}
	for _, part := range []struct {
		name   string
		stored bson.RawValue
		gone   *mongodb.IDSet
		going  *[]mongodb.ID
	}{{all.model.tagIDs, f.tags, all.goneTags, &s.tags}, {all.model.albumIDs, f.albums, all.goneAlbums, &s.albums}} {
		rest, removed := without(part.stored, part.gone)
		if len(removed) > 0 {
			*part.going = removed
			s.update.Fields = append(s.update.Fields, mongodb.Field{Name: part.name, Old: mongodb.ValueOf(part.stored), New: rest})
		}
	}
	return s, len(s.update.Fields) > 0
}

func (a albumFacts) shorten(all facts) shortened {
	s := shortened{update: mongodb.Update{ID: a.id}}
	rest, removed := without(a.files, all.goneIDs)
	if len(removed) > 0 {
		s.files = removed
		s.update.Fields = append(s.update.Fields, mongodb.Field{Name: all.model.fileIDs, Old: mongodb.ValueOf(a.files), New: rest})
		if count := mongodb.Int(distinct(rest)); !a.smart && a.count != count {
			n, _ := count.Int64()
			s.update.Fields = append(s.update.Fields, mongodb.Field{Name: all.model.fileCount, Old: a.count, New: n})
		}
	}
	if all.goneIDs.Has(mongodb.ValueOf(a.cover)) {
		s.cover = true
		s.update.Fields = append(s.update.Fields, mongodb.Field{Name: all.model.cover, Old: mongodb.ValueOf(a.cover), New: nil})
	}
	return s
}

// without is an array's elements that do not refer to what is gone, in their order and as they are, and the ids of the
// others. What is no array has none.
func without(stored bson.RawValue, gone *mongodb.IDSet) (rest bson.A, removed []mongodb.ID) {
	rest = bson.A{}
	array, ok := stored.ArrayOK()
	if !ok {
		return rest, nil
	}
	values, err := array.Values()
	if err != nil {
		return rest, nil
	}
	for _, v := range values {
		if id := mongodb.ValueOf(v); gone.Has(id) {
			removed = append(removed, id)
			continue
		}
		rest = append(rest, v)
	}
	return rest, removed
}

// distinct is how many different records an array refers to.
func distinct(array bson.A) int64 {
	var seen mongodb.IDSet
	for _, v := range array {
		if id := mongodb.ValueOf(v.(bson.RawValue)); id.Refers() {
			seen.Add(id)
		}
	}
	return int64(seen.Len())
}

// digestOf names the plan by what it takes away from which document.
func (p plan) digestOf() string {
	var items []string
	for _, s := range p.files {
		items = append(items, s.words(p.model, p.model.files))
	}
	for _, s := range p.albums {
		items = append(items, s.words(p.model, p.model.albums))
	}
	for _, e := range p.embeddings {
		items = append(items, p.embeddingWords(e))
	}
	if len(items) == 0 {
		return ""
	}
	return tasks.Digest(items)
}

// words says what one document loses, such as "file_records 6f…: tag_ids without 6a…, 6b…".
func (s shortened) words(n names, collection string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s:", collection, s.update.ID)
	for _, part := range []struct {
		name string
		ids  []mongodb.ID
	}{{n.tagIDs, s.tags}, {n.albumIDs, s.albums}, {n.fileIDs, s.files}} {
		if len(part.ids) > 0 {
			fmt.Fprintf(&b, " %s without %v", part.name, part.ids)
		}
	}
	if s.cover {
		fmt.Fprintf(&b, " %s cleared", n.cover)
	}
	return b.String()
}

func (p plan) embeddingWords(e mongodb.Deletion) string {
	return fmt.Sprintf("%s %s: of file %s", p.model.embeddings, e.ID, e.If[p.model.embedded])
}

// sampleSize is how many of each kind a person is shown.
const sampleSize = 5

func present(p plan) tasks.Plan {
	shown := tasks.Plan{Counts: emptyCounts(), Digest: p.digest, Verdict: p.verdict}
	for i, s := range p.files {
		s.addTo(shown.Counts, "filesCleaned")
		if i < sampleSize {
			shown.Sample = append(shown.Sample, s.words(p.model, p.model.files))
		}
	}
	for i, s := range p.albums {
		s.addTo(shown.Counts, "albumsCleaned")
		if i < sampleSize {
			shown.Sample = append(shown.Sample, s.words(p.model, p.model.albums))
		}
	}
	shown.Counts["embeddingsRemoved"] = int64(len(p.embeddings))
	for _, e := range p.embeddings[:min(sampleSize, len(p.embeddings))] {
		shown.Sample = append(shown.Sample, p.embeddingWords(e))
	}
	return shown
}

func emptyCounts() report.Counts {
	return report.Counts{"filesCleaned": 0, "tagRefsRemoved": 0, "albumRefsRemoved": 0, "albumsCleaned": 0, "fileRefsRemoved": 0, "embeddingsRemoved": 0}
}

func (s shortened) addTo(c report.Counts, documents string) {
	c[documents]++
	c["tagRefsRemoved"] += int64(len(s.tags))
	c["albumRefsRemoved"] += int64(len(s.albums))
	c["fileRefsRemoved"] += int64(len(s.files))
}
