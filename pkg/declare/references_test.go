package declare

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
)

// things are n documents with the fields that a function gives the i-th of them.
func things(n int, fields func(i int) bson.D) (docs []bson.D) {
	for i := range n {
		docs = append(docs, fields(i))
	}
	return docs
}

// oid is the i-th ObjectID of a family.
func oid(family string, i int) bson.ObjectID {
	var id bson.ObjectID
	copy(id[:], fmt.Sprintf("%-8.8s%04d", family, i))
	return id
}

func field(name string, v any) bson.E { return bson.E{Key: name, Value: v} }

// numbered have the _ids 0 to n-1, named and known have texts and ObjectIDs.
func numbered(n int) []bson.D {
	return things(n, func(i int) bson.D { return bson.D{field("_id", int32(i))} })
}

func named(prefix string, n int) []bson.D {
	return things(n, func(i int) bson.D { return bson.D{field("_id", fmt.Sprint(prefix, i))} })
}

func known(family string, n int) []bson.D {
	return things(n, func(i int) bson.D { return bson.D{field("_id", oid(family, i))} })
}

// holding are 20 documents of which each has one field.
func holding(name string, v func(i int) any) []bson.D {
	return things(20, func(i int) bson.D { return bson.D{field("_id", oid("holder", i)), field(name, v(i))} })
}

func TestWhatCountsAsAReference(t *testing.T) {
	other := oid("nobody", 7)
	for name, c := range map[string]struct {
		target, holder []bson.D // of customers, and of orders
		want           string   // the guess; empty: none
	}{
		"an ObjectID, whatever the field's name": {known("c", 20), holding("buyer", func(i int) any { return oid("c", i) }),
			"orders.buyer → customers: 20 of 20, sure"},
		"the ObjectID as text": {known("c", 20), holding("buyer", func(i int) any { return oid("c", i).Hex() }),
			"orders.buyer → customers: 20 of 20, sure"},
		"an ObjectID where the documents have it as text": {named("65f0c0ffee0123456789ab", 100)[10:],
			holding("buyer_id", func(i int) any {
				id, _ := bson.ObjectIDFromHex(fmt.Sprintf("65f0c0ffee0123456789ab%d", 10+i))
				return id
			}), "orders.buyer_id → customers: 20 of 20, sure"},
		"a list of ObjectIDs": {known("c", 20),
			holding("buyers", func(i int) any { return bson.A{oid("c", i), oid("c", 0)} }),
			"orders.buyers[] → customers: 40 of 40, sure"},
		"one that leads nowhere as often as not": {known("c", 20), holding("buyer", func(i int) any { return oid("c", 2*i) }),
			"orders.buyer → customers: 10 of 20, sure"},
		"one that mostly leads nowhere, by its name": {known("c", 4),
			holding("buyer_id", func(i int) any { return oid("c", i) }),
			"orders.buyer_id → customers: 4 of 20, sure"},
		"one that mostly leads nowhere, and no name that says so": {known("c", 4),
			holding("buyer", func(i int) any { return oid("c", i) }),
			"orders.buyer → customers: 4 of 20"},
		"an ObjectID that nobody has": {known("c", 20), holding("buyer_id", func(int) any { return other }), ""},
		"numbers in a field that is called as the collection": {numbered(20),
			holding("customer_id", func(i int) any { return i }),
			"orders.customer_id → customers: 20 of 20, sure"},
		"numbers in a field that is called otherwise": {numbered(20), holding("buyer_id", func(i int) any { return i }),
			"orders.buyer_id → customers: 20 of 20"},
		"whole numbers that are stored as fractions": {numbered(20),
			holding("customer_id", func(i int) any { return float64(i) }), "orders.customer_id → customers: 20 of 20, sure"},
		"a count of the collection": {numbered(20), holding("customer_count",
			func(i int) any { return i % 5 }), ""},
		"numbers in a field called as one document": {numbered(20), holding("customer", func(i int) any { return i }),
			"orders.customer → customers: 20 of 20, sure"},
		"numbers that are equal by chance": {numbered(20), holding("rating", func(i int) any { return i % 5 }),
			""},
		"numbers half of which are equal": {numbered(10), holding("customer_id", func(i int) any { return i }),
			""},
		"texts in a field that is called so": {named("c", 20),
			holding("customer", func(i int) any { return fmt.Sprint("c", i) }), "orders.customer → customers: 20 of 20, sure"},
		"texts in a field that is called otherwise": {named("c", 20),
			holding("buyer", func(i int) any { return fmt.Sprint("c", i) }), "orders.buyer → customers: 20 of 20"},
		"one text that is equal by chance": {named("c", 20), holding("status", func(int) any { return "c1" }),
			""},
		"nothing but null and empty texts": {known("c", 20),
			holding("customer_id", func(i int) any { return []any{nil, ""}[i%2] }), ""},
		"dates, flags and fractions": {numbered(20),
			holding("customer_id", func(i int) any { return []any{true, 0.5, bson.DateTime(i)}[i%3] }), ""},
		"ids inside another field": {known("c", 20),
			holding("payload", func(i int) any { return bson.D{field("by", oid("c", i))} }),
			"orders.payload.by → customers: 20 of 20, sure, nested"},
		"ids in a list of documents": {known("c", 20),
			holding("events", func(i int) any { return bson.A{bson.D{field("by", oid("c", i))}} }),
			"orders.events[].by → customers: 20 of 20, sure, nested"},
		"a map whose keys are ids": {known("c", 20),
			holding("shares", func(i int) any { return bson.D{field(oid("c", i).Hex(), 1)} }),
			"the keys of orders.shares → customers: 20 of 20, sure, nested"},
		"documents that have the id of another as own": {known("c", 20), known("c", 20), "orders._id → customers: 20 of 20"},
	} {
		t.Run(name, func(t *testing.T) {
			f := factsOf(librarytest.Raw(map[string][]bson.D{"customers": c.target, "orders": c.holder}), 100)
			got := ""
			for _, r := range References(f) {
				if r.Collection == "orders" {
					got += sentence(r)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func sentence(r Reference) string {
	text := fmt.Sprintf("%s → %s: %d of %d", r.Place, collections(r.To), r.Hits, r.Values)
	if r.Sure {
		text += ", sure"
	}
	if r.Nested() {
		text += ", nested"
	}
	return text
}

func TestAFieldMayReferToSeveralCollections(t *testing.T) {
	links := things(40, func(i int) bson.D {
		target := oid("file", i)
		switch {
		case i%3 == 0:
			target = oid("det", i)
		case i == 1:
			target = oid("tag", 0)
		}
		return bson.D{field("_id", oid("link", i)), field("target", target)}
	})
	f := factsOf(librarytest.Raw(map[string][]bson.D{"links": links, "files": known("file", 40), "detections": known("det",
		40), "tags": known("tag", 1)}), 100)
	refs := References(f)
	if len(refs) != 1 || sentence(refs[0]) != "links.target → [files, detections]: 39 of 40, sure" {
		t.Errorf("got %v: one id of a tag is a mistake, 14 of detections are none", refs)
	}
}
