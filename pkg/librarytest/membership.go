package librarytest

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/library"
)

// AlbumsOf is the manual albums that list each file, in the albums' order: their _id, by the Key of the file's _id.
func AlbumsOf(docs map[string][]bson.Raw) map[string][]bson.RawValue {
	m, albums := library.UCoreFS().Albums, map[string][]bson.RawValue{}
	for _, album := range docs[m.Collection] {
		if smart, _ := album.Lookup(m.IsSmart).BooleanOK(); smart {
			continue
		}
		for file := range distinct(album.Lookup(m.Files)) {
			albums[file] = append(albums[file], album.Lookup("_id"))
		}
	}
	return albums
}
