package librarytest

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestMirrored(t *testing.T) {
	id := bson.NewObjectID()
	for name, c := range map[string]struct {
		albums      []bson.D
		files, want bson.D
	}{
		"albums that list the file are added after those that are right": {
			[]bson.D{document("_id", int32(1), "file_ids", list("f")), document("_id", int32(2), "file_ids", list("f", "f"))},
			document("_id", "f", "album_ids", list(int32(2))), document("_id", "f", "album_ids", list(int32(2), int32(1)))},
		"albums that do not list the file, and what stands twice, go": {
			[]bson.D{document("_id", int32(1), "file_ids", list("f")), document("_id", int32(2), "file_ids", list("g"))},
			document("_id", "f", "album_ids", list(1.0, int32(2), int32(1), nil)), document("_id", "f", "album_ids", list(1.0))},
		"one wrong album is not taken for the right one": {
			[]bson.D{document("_id", int32(1), "file_ids", list("f")), document("_id", int32(2))},
			document("_id", "f", "album_ids", list(int32(2))), document("_id", "f", "album_ids", list(int32(1)))},
		"a smart album leaves no reference": {
			[]bson.D{document("_id", int32(1), "is_smart", true, "file_ids", list("f"))},
			document("_id", "f", "album_ids", list(int32(1))), document("_id", "f", "album_ids", list())},
		"null stays null where no album lists the file": {
			nil, document("_id", "f", "album_ids", nil), document("_id", "f", "album_ids", nil)},
		"what is no array is replaced where an album lists the file": {
			[]bson.D{document("_id", int32(1), "file_ids", list("f"))},
			document("_id", "f", "album_ids", nil), document("_id", "f", "album_ids", list(int32(1)))},
		"the hex text of an id is another id": {
			[]bson.D{document("_id", id, "file_ids", list("f"))},
			document("_id", "f", "album_ids", list(id.Hex())), document("_id", "f", "album_ids", list(id))},
	} {
		t.Run(name, func(t *testing.T) {
			docs := Raw(collections{albums: c.albums, fileRecords: {c.files}})
			want := Raw(collections{albums: c.albums, fileRecords: {c.want}})
			if diff := Diff(want, UCoreFS.Mirrored(docs)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
