package librarytest

import "go.mongodb.org/mongo-driver/v2/bson"

// oneOfEach makes one dangling reference in every field that refers, for a library whose damage must be complete
// whatever chance did. It changes no more than one document for each.
func (g *generator) oneOfEach() {
	nth := map[string]int{}
	for _, r := range g.spec.references {
		if len(g.docs[r.From]) > 0 {
			g.breakOne(r, nth[r.From])
			nth[r.From]++
		}
	}
	g.cascade()
}

// breakOne breaks the reference in the document that is nth from the end; the last tags, albums and directories have
// the least below them.
func (g *generator) breakOne(r Reference, nth int) {
	at := len(g.docs[r.From]) - 1 - nth%len(g.docs[r.From])
	g.planted["dangling "+r.Field]++
	if !r.List {
		g.set(r.From, at, r.Field, g.dangling())
		return
	}
	list, _ := value(g.docs[r.From][at], r.Field).(bson.A)
	g.set(r.From, at, r.Field, append(list, g.dangling()))
}

// cascade leads a relation to a detection that goes because its file is gone.
func (g *generator) cascade() {
	last := len(g.docs[detectionInstances]) - 1
	if last < 0 || len(g.docs[relations]) == 0 {
		return
	}
	g.planted["relations of detections whose file is gone"]++
	g.set(detectionInstances, last, "file_id", g.dangling())
	g.set(relations, 0, "target_id", value(g.docs[detectionInstances][last], "_id"))
}
