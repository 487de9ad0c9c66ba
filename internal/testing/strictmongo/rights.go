package strictmongo

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Privilege is some actions in one place, as a role holds them: in a collection of a database, in all of its
// collections where the name is empty, or in the cluster.
// https://www.mongodb.com/docs/manual/reference/resource-document/
type Privilege struct {
	Database, Collection string
	Cluster              bool
	Actions              []string
}

// scope is what a command's action is about.
type scope int

const (
	nowhere scope = iota
	onCollection
	onDatabase
	onCluster
)

// Needs are the privileges that a command needs; the server refuses it to whoever lacks one.
func (c Command) Needs() (needed []Privilege) {
	known := commands[c.Name]
	if known.action == "" {
		return nil
	}
	p := Privilege{Database: c.Database, Actions: []string{known.action}}
	switch known.scope {
	case onCollection:
		p.Collection = c.Collection
	case onCluster:
		p = Privilege{Cluster: true, Actions: p.Actions}
	}
	if r := (&request{body: c.Body}); c.Name == "update" && r.upserts() {
		p.Actions = append(p.Actions, "insert")
	}
	return []Privilege{p}
}

// checkRights refuses what the user's role does not have: 13. https://www.mongodb.com/docs/manual/core/authorization/
func (r *request) checkRights(c command) error {
	if c.action != "" && !r.allowed(c.action, c.scope) {
		return r.notAuthorized()
	}
	if r.name == "update" && r.upserts() && !r.allowed("insert", onCollection) {
		return r.notAuthorized()
	}
	return nil
}

func (r *request) notAuthorized() error {
	return unauthorized.is("not authorized on %s to execute command { %s: \"%s\" }", r.db, r.name, r.collection)
}

// upserts tells whether an operation of an update may insert, for which the user needs the right.
func (r *request) upserts() bool {
	return slices.ContainsFunc(items(r.body.Lookup("updates")), func(op bson.RawValue) bool {
		return truthyIf(op.Value,
			"upsert")
	})
}

func (r *request) allowed(action string, s scope) bool {
	if r.client.privileges == nil {
		return true
	}
	return slices.ContainsFunc(r.client.privileges, func(p Privilege) bool {
		return slices.Contains(p.Actions, action) && p.at(s, r.db, r.collection)
	})
}

func (p Privilege) at(s scope, db, collection string) bool {
	switch s {
	case onCluster:
		return p.Cluster
	case onDatabase:
		return !p.Cluster && p.Database == db && p.Collection == ""
	}
	return !p.Cluster && p.Database == db && (p.Collection == "" || p.Collection == collection)
}

// mayAnything tells whether the user has any right in a collection.
func (r *request) mayAnything(collection string) bool {
	if r.client.privileges == nil {
		return true
	}
	return slices.ContainsFunc(r.client.privileges, func(p Privilege) bool { return p.at(onCollection, r.db, collection) })
}

// connectionStatus is https://www.mongodb.com/docs/manual/reference/command/connectionStatus/. A server without
// authentication names no user.
func connectionStatus(r *request) (bson.D, error) {
	users, privileges := bson.A{}, bson.A{}
	if r.client.privileges != nil {
		users = append(users, bson.D{{Key: "user", Value: "maintenance"}, {Key: "db", Value: "admin"}})
	}
	for _, p := range r.client.privileges {
		resource := bson.D{{Key: "db", Value: p.Database}, {Key: "collection", Value: p.Collection}}
		if p.Cluster {
			resource = bson.D{{Key: "cluster", Value: true}}
		}
		privileges = append(privileges, bson.D{{Key: "resource", Value: resource}, {Key: "actions", Value: p.Actions}})
	}
	info := bson.D{{Key: "authenticatedUsers", Value: users}, {Key: "authenticatedUserRoles", Value: bson.A{}}}
	if truthyIf(r.body, "showPrivileges") {
		info = append(info, bson.E{Key: "authenticatedUserPrivileges", Value: privileges})
	}
	return bson.D{{Key: "authInfo", Value: info}}, nil
}
