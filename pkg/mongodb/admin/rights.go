package admin

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
)

// Rights are what the connected user may do in one database. The zero Rights are not known, and lack nothing.
type Rights struct {
	Database   string
	Privileges []Privilege
}

// Privilege are actions, as MongoDB calls them, that are allowed in a place.
type Privilege struct {
	Resource Resource `bson:"resource"`
	Actions  []string `bson:"actions"`
}

// Resource is a place: a collection, all of a database or of all databases where a name is empty, the cluster, or
// anything.
type Resource struct {
	Database    string `bson:"db"`
	Collection  string `bson:"collection"`
	Cluster     bool   `bson:"cluster"`
	AnyResource bool   `bson:"anyResource"`
}

// RightsOf asks the server. Where nobody has to log in, or the server does not say, they are not known.
func RightsOf(ctx context.Context, r *mongodb.Reader) (Rights, error) {
	var status struct {
		Info struct {
			Privileges []Privilege `bson:"authenticatedUserPrivileges"`
		} `bson:"authInfo"`
	}
	err := run(ctx, r, "", bson.D{{Key: "connectionStatus", Value: 1}, {Key: "showPrivileges", Value: true}}, &status)
	if err != nil {
		return Rights{}, fmt.Errorf("ask for the user's rights: %w", err)
	}
	return Rights{Database: r.Name(), Privileges: status.Info.Privileges}, nil
}

// Lacks are those of the actions that the user may not do in a collection.
func (r Rights) Lacks(collection string, actions ...string) (missing []string) {
	if len(r.Privileges) == 0 {
		return nil
	}
	for _, action := range actions {
		if !slices.ContainsFunc(r.Privileges, func(p Privilege) bool { return p.allows(action, r.Database, collection) }) {
			missing = append(missing, action)
		}
	}
	return missing
}

func (p Privilege) allows(action, database, collection string) bool {
	if !slices.Contains(p.Actions, action) && !slices.Contains(p.Actions, "anyAction") {
		return false
	}
	at := p.Resource
	here := (at.Database == "" || at.Database == database) && (at.Collection == "" || at.Collection == collection)
	return at.AnyResource || !at.Cluster && here
}
