// Package scan finds declared fields in raw BSON documents. A document is walked once, whatever the number of fields,
// and what was asked for is noted by position:
//
//	fields := scan.NewFields()
//	tags := fields.Position("tag_ids")
//	row := fields.Read(doc)
//	for list := scan.List(row[tags]); list.Next(); {
//		use(list.Value)
//	}
//
// The walk allocates nothing and copies nothing: what it finds points into the document. Its answers are those of
// bson.Raw.Lookup, which the tests compare it with.
//
// The package must not decode, compare or count values, and knows no database.
package scan
