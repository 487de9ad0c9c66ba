package clustertest

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// auditPolicy logs what service accounts ask for, and nothing else.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    userGroups: ["system:serviceaccounts"]
  - level: None
`

// Access is one kind of request to the API server.
type Access struct{ Verb, Group, Resource, Namespace string }

func (c *Cluster) auditLog() string { return filepath.Join(c.dir, "audit.log") }

// Accesses are the kinds of request that the user made and the API server allowed or forbade; a subresource is part
// of the resource, as in "pods/status".
func (c *Cluster) Accesses(t testing.TB, user string) (allowed, forbidden map[Access]bool) {
	t.Helper()
	file, err := os.Open(c.auditLog())
	if err != nil {
		t.Fatalf("read the audit log: %v", err)
	}
	defer file.Close()
	allowed, forbidden = map[Access]bool{}, map[Access]bool{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var e auditEvent
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.User.Username != user || e.ObjectRef.Resource == "" {
			continue // a line that is being written, somebody else's, or no resource
		}
		if e.ResponseStatus.Code == 403 {
			forbidden[e.access()] = true
		} else {
			allowed[e.access()] = true
		}
	}
	return allowed, forbidden
}

type auditEvent struct {
	Verb      string
	User      struct{ Username string }
	ObjectRef struct {
		APIGroup, Resource, Subresource, Namespace string
	}
	ResponseStatus struct{ Code int }
}

func (e auditEvent) access() Access {
	resource := e.ObjectRef.Resource
	if e.ObjectRef.Subresource != "" {
		resource += "/" + e.ObjectRef.Subresource
	}
	return Access{e.Verb, e.ObjectRef.APIGroup, resource, e.ObjectRef.Namespace}
}
