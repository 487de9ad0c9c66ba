package connection

import (
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Member is a member of a replica set that holds data and that clients can see: no arbiter, and none that is hidden.
type Member struct {
	Host    string
	Primary bool
}

// Members are those of the replica set, the primary last. There are none elsewhere, and none where the connection
// string asks for one server alone (directConnection, loadBalanced): others are not to be connected to.
func (c *Connection) Members(ctx context.Context) (members []Member, err error) {
	if c.facts.Topology != ReplicaSet || c.alone() {
		return nil, nil
	}
	h, err := c.hello(ctx)
	if err != nil {
		return nil, err
	}
	for _, host := range slices.Concat(h.Hosts, h.Passives) {
		members = append(members, Member{Host: host, Primary: host == h.PrimaryAt})
	}
	slices.SortStableFunc(members, func(a, b Member) int { return order(a.Primary) - order(b.Primary) })
	return members, nil
}

func order(last bool) int {
	if last {
		return 1
	}
	return 0
}

// alone tells whether the connection string asks for one server.
func (c *Connection) alone() bool {
	o := options.Client().ApplyURI(c.options.URI)
	return o.Direct != nil && *o.Direct || o.LoadBalanced != nil && *o.LoadBalanced
}

// memberWithin is how long a member has to answer: the others are waiting.
const memberWithin = 10 * time.Second

// To is another connection, to one member alone, for the same user. It reads what that member has, whatever its role,
// and errors are those of Connect.
func (c *Connection) To(ctx context.Context, host string) (*Connection, error) {
	o := c.options
	o.member, o.Timeout = host, memberWithin
	return Connect(ctx, o)
}
