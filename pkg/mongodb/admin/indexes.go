package admin

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// Index is an index as the server lists it.
type Index struct {
	Name   string
	Keys   []IndexKey
	Unique bool
	// Options are all other ways in which it is special, such as "sparse: true", sorted.
	Options []string
}

// IndexKey is one field of an index; Order is 1, -1, or a kind such as text.
type IndexKey struct{ Field, Order string }

// codeNamespaceNotFound is the server's answer about a collection that does not exist.
const codeNamespaceNotFound = 26

// Indexes lists the indexes of a collection, that of _id included; none where the collection does not exist.
func Indexes(ctx context.Context, r *mongodb.Reader, collection string) ([]Index, error) {
	var cursor *mongo.Cursor
	err := connection.Again(ctx, func() (err error) {
		cursor, err = r.Connection(driver.Key{}).DB().Collection(collection).Indexes().List(ctx)
		return err
	})
	if connection.HasCode(err, codeNamespaceNotFound) {
		return nil, nil
	}
	var raws []bson.Raw
	if err == nil {
		err = cursor.All(ctx, &raws)
	}
	if err != nil {
		return nil, connection.Refused(ctx, "listIndexes", collection, err)
	}
	list := make([]Index, len(raws))
	for i, raw := range raws {
		list[i] = indexOf(raw)
	}
	return list, nil
}

func indexOf(raw bson.Raw) Index {
	var index Index
	elements, _ := raw.Elements() // the driver has validated it
	for _, e := range elements {
		switch key, value := e.Key(), e.Value(); key {
		case "name":
			index.Name = value.StringValue()
		case "key":
			index.Keys = indexKeys(value.Document())
		case "unique":
			index.Unique, _ = value.BooleanOK()
		case "v", "ns", "background": // what an index is, not what it holds
		default:
			if off, ok := value.BooleanOK(); !ok || off {
				index.Options = append(index.Options, fmt.Sprintf("%s: %v", key, value))
			}
		}
	}
	slices.Sort(index.Options)
	return index
}

func indexKeys(raw bson.Raw) (keys []IndexKey) {
	elements, _ := raw.Elements()
	for _, e := range elements {
		order, ok := e.Value().StringValueOK()
		if !ok {
			order = bsonvalue.Of(e.Value()).String() // 1, 1.0 and NumberLong(1) are one
		}
		keys = append(keys, IndexKey{Field: e.Key(), Order: order})
	}
	return keys
}

// CreateIndex creates an ascending index. It is no error where there is the same already. A server that will not,
// because of duplicates for instance, is a *connection.RefusedError.
func CreateIndex(
	ctx context.Context, w *mongodb.Writer, collection, name string, fields []string, unique bool) error {
	keys := bson.D{}
	for _, field := range fields {
		keys = append(keys, bson.E{Key: field, Value: int32(1)})
	}
	o := options.Index().SetName(name)
	if unique {
		o.SetUnique(true)
	}
	bounded, cancel := context.WithTimeout(ctx, BuildWithin)
	defer cancel()
	err := connection.Again(bounded, func() error {
		return Build(bounded, w, collection, mongo.IndexModel{Keys: keys, Options: o})
	})
	if err != nil && ctx.Err() == nil && connection.IsTimeout(err) {
		late := fmt.Errorf("it was not built within %s: a member is down or lags behind, or the collection is large",
			BuildWithin)
		return &connection.RefusedError{Command: "createIndexes", Collection: collection, Cause: late}
	}
	return connection.Refused(ctx, "createIndexes", collection, err)
}

// BuildWithin is how long a server may build an index, the majority of the members included.
const BuildWithin = time.Hour

// Build creates an index within the deadline of ctx. It waits for a majority of a replica set's members to build the
// index, and not for all of them: one that is away would block it for ever. Where the server has no commit quorum, as
// Amazon DocumentDB and MongoDB before 4.4, it does what it does. Its errors are the driver's.
func Build(ctx context.Context, w *mongodb.Writer, collection string, index mongo.IndexModel) error {
	if err := w.MayWrite(ctx, "create an index of", collection); err != nil {
		return err
	}
	indexes := w.Connection(driver.Key{}).DB().Collection(collection).Indexes()
	facts := w.Facts()
	if facts.Topology == connection.Standalone || facts.FerretDB != "" {
		_, err := indexes.CreateOne(ctx, index)
		return err
	}
	_, err := indexes.CreateOne(ctx, index, options.CreateIndexes().SetCommitQuorumMajority())
	if connection.HasCode(err, noCommitQuorum...) {
		_, err = indexes.CreateOne(ctx, index)
	}
	return err
}

// noCommitQuorum is how servers answer an option that they do not have: BadValue, FailedToParse, InvalidOptions, a
// feature that is not supported, an unknown field.
var noCommitQuorum = []int{2, 9, 72, 303, 40415}

// Duplicates are the documents that stand in the way of a unique index.
type Duplicates struct {
	// Documents is how many there are beside the first of each kind.
	Documents int64
	// Sample describes a few of them.
	Sample []string
}

const duplicateSample = 5

// FindDuplicates reads a collection and finds documents that are equal in all the fields to one before; null and a
// missing field are equal, as they are to an index. Arrays count as a whole, so that the server may still find more. It
// holds 8 bytes, and what a map needs beside them, for each document.
func FindDuplicates(ctx context.Context, r *mongodb.Reader, collection string, fields []string) (Duplicates, error) {
	seen, seed := map[uint64]struct{}{}, maphash.MakeSeed()
	var found Duplicates
	var key []byte
	err := r.Scan(ctx, collection, mongodb.ScanOptions{Fields: fields}, func(doc bson.Raw) error {
		key = key[:0]
		for _, field := range fields {
			key = bsonvalue.Reference(doc, field).AppendKey(key)
		}
		hash := maphash.Bytes(seed, key)
		if _, twice := seen[hash]; !twice {
			seen[hash] = struct{}{}
			return nil
		}
		found.Documents++
		if len(found.Sample) < duplicateSample {
			found.Sample = append(found.Sample, describe(doc, fields))
		}
		return nil
	})
	return found, err
}

// describe names a document by its id and some of its fields.
func describe(doc bson.Raw, fields []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:", bsonvalue.Reference(doc, "_id"))
	for _, field := range fields {
		fmt.Fprintf(&b, " %s %s", field, bsonvalue.Reference(doc, field))
	}
	return b.String()
}
