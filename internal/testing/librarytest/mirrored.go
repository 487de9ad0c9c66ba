package librarytest

import (
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Mirrored is docs as rebuild-album-references should leave them: each file's album_ids is the manual albums that list
// the file in file_ids, each once. Ids that are right keep their place and form; missing ones are added at the end, in
// the order of the albums' documents, which a task need not keep: compare with Diff and "album_ids" as a set. Ids count
// as MongoDB finds them equal; a hex text is not the ObjectID. A file that no album lists keeps an album_ids that is no
// array.
func (l Layout) Mirrored(docs Docs) Docs {
	mirrored := maps.Clone(docs)
	for _, m := range l.spec().mirrors {
		list, wanted := slices.Clone(docs[m.collection]), m.wanted(docs[m.of])
		for i, doc := range list {
			list[i] = m.applied(doc, wanted[idOf(doc)])
		}
		mirrored[m.collection] = list
	}
	return mirrored
}

// wanted are the ids that each document should hold, by the Key of its _id.
func (m mirror) wanted(of []bson.Raw) map[string][]bson.RawValue {
	wanted := map[string][]bson.RawValue{}
	for _, doc := range of {
		if isTrue(doc, m.unless) {
			continue
		}
		for _, key := range distinct(doc.Lookup(m.list)) {
			wanted[key] = append(wanted[key], doc.Lookup("_id"))
		}
	}
	return wanted
}

// applied is a document whose array holds exactly the wanted ids, each once.
func (m mirror) applied(doc bson.Raw, wanted []bson.RawValue) bson.Raw {
	held := doc.Lookup(m.field)
	kept := slices.DeleteFunc(elements(held), func(v bson.RawValue) bool { return !hasKey(wanted, Key(v)) })
	kept = once(append(kept, wanted...))
	same := slices.EqualFunc(kept, elements(held), func(a, b bson.RawValue) bool { return Key(a) == Key(b) })
	if same && (held.Type == bson.TypeArray || len(kept) == 0) {
		return doc
	}
	return With(doc, m.field, arrayOf(kept))
}

// once is a list without what it holds a second time.
func once(list []bson.RawValue) (rest []bson.RawValue) {
	for _, v := range list {
		if !hasKey(rest, Key(v)) {
			rest = append(rest, v)
		}
	}
	return rest
}

func hasKey(list []bson.RawValue, key string) bool {
	return slices.ContainsFunc(list, func(v bson.RawValue) bool { return Key(v) == key })
}

// distinct are the Keys of the ids that an array holds, each once, in their order.
func distinct(list bson.RawValue) (keys []string) {
	for _, v := range once(elements(list)) {
		if refers(v) {
			keys = append(keys, Key(v))
		}
	}
	return keys
}
