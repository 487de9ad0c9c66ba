package librarytest

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// unmaintained makes a document in each collection that no task may touch.
func (g *generator) unmaintained() {
	if g.o.Files == 0 {
		return
	}
	g.add(rules, document(
		"_id", g.newID(), "_cls", "Rule", "name", "Rate", "description", "", "enabled", true, "trigger", "manual",
		"conditions", nil, "actions", nil, "execution_count", int32(0), "last_executed", "",
	))
	g.add(viewSettings, document("_id", g.newID(), "_cls", "ViewSettings", "view", "files"))
	g.add(cardviewStates, document("_id", g.newID(), "_cls", "CardviewState", "view", "files"))
}

// heartbeat is one client that has been idle for a day.
func (g *generator) heartbeat() {
	last := bson.NewDateTimeFromTime(g.o.Now.Add(-24 * time.Hour))
	g.add(appActivity, document("_id", "uexplorer", "last_activity", last))
}
