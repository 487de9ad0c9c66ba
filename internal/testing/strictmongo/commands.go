package strictmongo

import (
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// commands are all that the server knows. The fields are those of each command's page below
// https://www.mongodb.com/docs/manual/reference/command/, the actions those of
// https://www.mongodb.com/docs/manual/reference/privilege-actions/, and what is stable is on
// https://www.mongodb.com/docs/manual/reference/stable-api/.
var commands = map[string]command{
	"find": {run: find, action: "find", scope: onCollection, stable: true,
		fields: "filter projection sort skip limit batchSize singleBatch collation hint noCursorTimeout allowDiskUse let"},
	"getMore":     {run: getMore, scope: onCollection, stable: true, fields: "collection batchSize"},
	"killCursors": {run: killCursors, scope: onCollection, stable: true, fields: "cursors"},
	"aggregate": {run: aggregate, action: "find", scope: onCollection, stable: true,
		fields: "pipeline cursor collation allowDiskUse hint let"},
	"count": {run: count, action: "find", scope: onCollection, stable: true, fields: "query limit skip collation hint"},

	"insert": {run: insert, action: "insert", scope: onCollection, writes: true, stable: true,
		fields: "documents ordered bypassDocumentValidation"},
	"update": {run: update, action: "update", scope: onCollection, writes: true, stable: true,
		fields: "updates ordered bypassDocumentValidation let"},
	"delete": {run: remove, action: "remove", scope: onCollection, writes: true, stable: true,
		fields: "deletes ordered let"},

	"create": {run: create, action: "createCollection", scope: onCollection, writes: true, stable: true,
		fields: "capped size max validator viewOn pipeline collation"},
	"drop":         {run: drop, action: "dropCollection", scope: onCollection, writes: true, stable: true},
	"dropDatabase": {run: dropDatabase, action: "dropDatabase", scope: onDatabase, writes: true, stable: true},
	"createIndexes": {run: createIndexes, action: "createIndex", scope: onCollection, writes: true, stable: true,
		fields: "indexes commitQuorum"},
	"listIndexes":     {run: listIndexes, action: "listIndexes", scope: onCollection, stable: true, fields: "cursor"},
	"listCollections": {run: listCollections, stable: true, fields: "filter nameOnly authorizedCollections cursor"},
	"listDatabases":   {run: listDatabases, stable: true, fields: "filter nameOnly authorizedDatabases"},

	"collStats": {run: collStats, action: "collStats", scope: onCollection, fields: "scale"},
	"compact": {run: compact, action: "compact", scope: onCollection, fields: "force",
		since8: "dryRun freeSpaceTargetMB"},
	"buildInfo":        {run: buildInfo},
	"serverStatus":     {run: serverStatus, action: "serverStatus", scope: onCluster},
	"connectionStatus": {run: connectionStatus, fields: "showPrivileges"},
	"ping":             {run: nothing, stable: true},

	"configureFailPoint": {run: configureFailPoint, fields: "mode data"},
	"replSetStepDown":    {run: stepDown, fields: "secondaryCatchUpPeriodSecs force"},
	"endSessions":        {run: nothing, stable: true},
}

func nothing(*request) (bson.D, error) { return nil, nil }

func digits(n int) string { return strconv.Itoa(n) }

// create is https://www.mongodb.com/docs/manual/reference/command/create/
func create(r *request) (bson.D, error) {
	if r.server.collection(r.db, r.collection) != nil {
		return nil, namespaceExists.is("Collection %s already exists.", namespace(r.db, r.collection))
	}
	o := CollectionOptions{Capped: truthyIf(r.body, "capped"), ViewOn: text(r.body.Lookup("viewOn"))}
	if validator, ok := r.body.Lookup("validator").DocumentOK(); ok {
		if err := bson.Unmarshal(validator, &o.Validator); err != nil {
			return nil, badValue.is("the validator is no document")
		}
	}
	if strength, ok := r.body.Lookup("collation", "strength").AsInt64OK(); ok {
		o.IgnoresCase = strength <= 2
	}
	c, err := newCollection(o)
	if err == nil {
		r.server.databases[r.db][r.collection] = c
	}
	return nil, err
}

func drop(r *request) (bson.D, error) {
	delete(r.server.databases[r.db], r.collection)
	return nil, nil
}

func dropDatabase(r *request) (bson.D, error) {
	delete(r.server.databases, r.db)
	return nil, nil
}

// createIndexes makes a collection that is not there. Standalones take no commit quorum.
// https://www.mongodb.com/docs/manual/reference/command/createIndexes/
func createIndexes(r *request) (bson.D, error) {
	if r.body.Lookup("commitQuorum").Type != 0 && !r.server.o.Form.retries() {
		return nil, badValue.is("Standalones can't specify commitQuorum")
	}
	t, err := r.target()
	if err != nil {
		return nil, err
	}
	before := int32(len(t.indexes))
	for _, spec := range items(r.body.Lookup("indexes")) {
		x, err := parseIndex(spec.Value)
		if err != nil {
			return nil, err
		}
		if _, err := t.addIndex(t.namespace, x); err != nil {
			return nil, err
		}
	}
	return bson.D{{Key: "numIndexesBefore", Value: before}, {Key: "numIndexesAfter", Value: int32(len(t.indexes))}}, nil
}

func listIndexes(r *request) (bson.D, error) {
	c := r.server.collection(r.db, r.collection)
	if c == nil {
		return nil, namespaceNotFound.is("ns does not exist: %s", namespace(r.db, r.collection))
	}
	var docs []bson.Raw
	for _, x := range c.indexes {
		docs = append(docs, marshal(x.list()))
	}
	return r.cursorOf(docs, nil, 0), nil
}

// listCollections without the privilege of that name needs nameOnly and authorizedCollections, and then lists what the
// user may do something with. https://www.mongodb.com/docs/manual/reference/command/listCollections/#behavior
func listCollections(r *request) (bson.D, error) {
	authorized := truthyIf(r.body, "nameOnly") && truthyIf(r.body, "authorizedCollections")
	if !authorized && !r.allowed("listCollections", onDatabase) {
		return nil, r.notAuthorized()
	}
	matches, err := parser{}.filter(filterOf(r.body))
	if err != nil {
		return nil, err
	}
	var docs []bson.Raw
	for _, name := range r.server.collections(r.db) {
		kind := "collection"
		if r.server.collection(r.db, name).options.ViewOn != "" {
			kind = "view"
		}
		doc := marshal(bson.D{{Key: "name", Value: name}, {Key: "type", Value: kind}})
		if matches(doc) && (!authorized || r.mayAnything(name)) {
			docs = append(docs, doc)
		}
	}
	return r.cursorOf(docs, nil, 0), nil
}

func filterOf(body bson.Raw) bson.Raw {
	if filter, ok := body.Lookup("filter").DocumentOK(); ok {
		return filter
	}
	return marshal(bson.D{})
}

func listDatabases(r *request) (bson.D, error) {
	list := []bson.D{{{Key: "name", Value: "admin"}}}
	for name := range r.server.databases {
		list = append(list, bson.D{{Key: "name", Value: name}})
	}
	return bson.D{{Key: "databases", Value: list}}, nil
}

// collStats has no section wiredTiger where there is none: behind mongos it is below shards, DocumentDB has its own
// figures. https://www.mongodb.com/docs/manual/reference/command/collStats/#output
func collStats(r *request) (bson.D, error) {
	c := r.server.source(r.db, r.collection)
	size, n := 0, 0
	if c != nil {
		n = c.len()
		for _, s := range c.docs {
			size += len(s.raw)
		}
	}
	reusable := r.server.free[r.freeKey()]
	block := func(free int64) bson.D {
		return bson.D{{Key: "block-manager", Value: bson.D{{Key: "file bytes available for reuse", Value: free}}}}
	}
	d := bson.D{
		{Key: "ns", Value: namespace(r.db, r.collection)}, {Key: "size", Value: int64(size)}, {Key: "count", Value: int64(n)},
		{Key: "storageSize", Value: int64(size) + reusable}, {Key: "totalIndexSize", Value: int64(4096)},
		{Key: "nindexes", Value: int32(1)},
	}
	switch r.server.o.Form {
	case Standalone, ReplicaSet, AtlasShared:
		d = append(d, bson.E{Key: "wiredTiger", Value: block(reusable)}, bson.E{Key: "indexDetails",
			Value: bson.D{{Key: "_id_", Value: block(0)}}})
	case Mongos:
		d = append(d, bson.E{Key: "sharded", Value: false},
			bson.E{Key: "shards", Value: bson.D{{Key: "shard0", Value: block(0)}}})
	}
	return d, nil
}

// compact on the primary of a replica set wants force. https://www.mongodb.com/docs/manual/reference/command/compact/
func compact(r *request) (bson.D, error) {
	c := r.server.collection(r.db, r.collection)
	switch {
	case c == nil:
		return nil, namespaceNotFound.is("collection %s does not exist", r.collection)
	case c.options.ViewOn != "":
		return nil, commandNotSupportedView.is("can't compact a view")
	case truthyIf(r.body, "dryRun"): // since 8.0
		return bson.D{{Key: "estimatedBytesFreed", Value: r.server.free[r.freeKey()]}}, nil
	case r.server.o.Form.replicaSet() && !r.secondary() && !truthyIf(r.body, "force"):
		return nil, illegalOperation.is("will not run compact on an active replica set primary as this is a slow blocking " +
			"operation. " +
			"use force:true to force")
	}
	freed := r.server.free[r.freeKey()]
	delete(r.server.free, r.freeKey())
	return bson.D{{Key: "bytesFreed", Value: freed}}, nil
}
