// Package access determines who visits the dashboard, and with which rights the dashboard then acts. There are three
// ways: Loopback (the user of a kubeconfig, on their own machine), Tokens (a visitor's own bearer token) and Proxy (a
// user named by an authenticating proxy). Each wraps a handler: a request reaches it only with a Visitor in its
// context, and every answer has the security headers.
//
// It must never act with the rights of the process for a visitor, let a request through without a visitor, or write a
// token to a log, an address or an error.
package access

import (
	"context"

	"k8s.io/client-go/rest"
)

// Visitor is who asks: the configuration that acts with the visitor's own rights.
type Visitor struct {
	// Name is the user's name, for people to read.
	Name string
	// Config reaches the API server as the visitor. Nobody may change it.
	Config *rest.Config
	// Key is the same for all requests of a session and different for every other one. It holds no secret.
	Key string
}

type visitorKey struct{}

// With puts the visitor into the context.
func With(ctx context.Context, v Visitor) context.Context {
	return context.WithValue(ctx, visitorKey{}, v)
}

// From is the visitor in the context; false if there is none.
func From(ctx context.Context) (Visitor, bool) {
	v, ok := ctx.Value(visitorKey{}).(Visitor)
	return v, ok
}
