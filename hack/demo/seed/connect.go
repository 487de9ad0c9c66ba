package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// connect waits for the server and gives the database and what closes the connection. Its errors never hold the
// connection string, whose parts may be secret.
func connect(ctx context.Context, s settings) (*mongo.Database, func(), error) {
	client, err := mongo.Connect(options.Client().ApplyURI(s.uri).SetAppName("ucorefs-seed").SetServerSelectionTimeout(s.wait))
	if err != nil {
		return nil, nil, errors.New("the connection string is malformed: use mongodb://HOST:PORT/")
	}
	disconnect := func() { _ = client.Disconnect(context.WithoutCancel(ctx)) }
	waiting, cancel := context.WithTimeout(ctx, s.wait+time.Second)
	defer cancel()
	if err := client.Ping(waiting, nil); err != nil {
		disconnect()
		return nil, nil, fmt.Errorf("no server answered within %v", s.wait)
	}
	return client.Database(s.database), disconnect, nil
}
