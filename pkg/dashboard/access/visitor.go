// Package access says who asks: each request carries the configuration that acts with the visitor's own rights. Nothing here has
// rights of its own, and nothing outside may make up a visitor that no middleware has seen.
package access

import (
	"context"

	"k8s.io/client-go/rest"
)

// Visitor is who asks: the configuration that acts with the visitor's own rights.
type Visitor struct {
	Name   string       // for people, such as the user name that the API server knows
	Config *rest.Config // acts as the visitor
	Key    string       // stable for a session, and names no secret
}

type visitorKey struct{}

// With puts the visitor into the context.
func With(ctx context.Context, v Visitor) context.Context {
	return context.WithValue(ctx, visitorKey{}, v)
}

// From is the visitor that the middleware put into the context.
func From(ctx context.Context) (Visitor, bool) {
	v, ok := ctx.Value(visitorKey{}).(Visitor)
	return v, ok
}
