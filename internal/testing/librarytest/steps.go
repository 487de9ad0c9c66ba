package librarytest

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// step is one change of a user.
type step func(context.Context) error

func (w *Writer) steps() []step {
	switch w.layout {
	case Web:
		return []step{w.webTag, w.webUntag, w.move, w.resize("size"), w.webAdd, w.removeFile, w.webCollect}
	case Shop:
		return []step{w.addLine, w.removeLine, w.changeCustomer}
	}
	return []step{w.tag, w.untag, w.move, w.resize("size_bytes"), w.add, w.removeFile, w.collect}
}

func (w *Writer) tag(ctx context.Context) error {
	return w.change(ctx, fileRecords, "tag_ids", func(list bson.RawValue) any {
		return append(arrayOf(elements(list)), w.id(tags))
	})
}

func (w *Writer) untag(ctx context.Context) error {
	return w.change(ctx, fileRecords, "tag_ids", func(list bson.RawValue) any {
		held := elements(list)
		return arrayOf(held[:len(held)/2])
	})
}

func (w *Writer) move(ctx context.Context) error {
	return w.change(ctx, fileRecords, "parent_id", func(bson.RawValue) any { return w.id(directoryRecords) })
}

func (w *Writer) resize(field string) step {
	return func(ctx context.Context) error {
		return w.change(ctx, fileRecords, field, func(bson.RawValue) any { return int64(w.rand.IntN(10_000)) })
	}
}

func (w *Writer) add(ctx context.Context) error {
	return w.insert(ctx, fileRecords, document(
		"_id", w.newID(), "_cls", "FileRecord", "tag_ids", bson.A{w.id(tags)}, "album_ids", nil,
		"parent_id", w.id(directoryRecords), "size_bytes", int32(w.rand.IntN(10_000)),
	))
}

func (w *Writer) removeFile(ctx context.Context) error { return w.remove(ctx, fileRecords) }

func (w *Writer) collect(ctx context.Context) error {
	return w.change(ctx, albums, "file_ids", func(list bson.RawValue) any {
		return append(arrayOf(elements(list)), w.id(fileRecords))
	})
}

func (w *Writer) webTag(ctx context.Context) error {
	return w.insert(ctx, fileTags, document("_id", w.newID(), "file_id", w.id(fileRecords), "tag_id", w.id(tags)))
}

func (w *Writer) webUntag(ctx context.Context) error { return w.remove(ctx, fileTags) }

func (w *Writer) webAdd(ctx context.Context) error {
	id := w.newID()
	return w.insert(ctx, fileRecords, document(
		"_id", id, "path", "/added/"+id, "name", id, "size", int32(w.rand.IntN(10_000)), "parent_id", w.id(directoryRecords),
	))
}

func (w *Writer) webCollect(ctx context.Context) error {
	return w.insert(ctx, fileAlbums, document("_id", w.newID(), "file_id", w.id(fileRecords), "album_id", w.id(albums)))
}

func (w *Writer) addLine(ctx context.Context) error {
	return w.insert(ctx, lines, document("_id", w.newID(), "order_id", w.id(orders), "amount", int32(w.rand.IntN(100))))
}

func (w *Writer) removeLine(ctx context.Context) error { return w.remove(ctx, lines) }

func (w *Writer) changeCustomer(ctx context.Context) error {
	return w.change(ctx, orders, "customer_id", func(bson.RawValue) any { return w.id(customers) })
}
