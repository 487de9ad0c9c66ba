package reprocessincompleteembeddings

import (
	"math"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/library"
)

// placeholders are what stands for {ids}, {count} and {now} in a declared document.
type placeholders struct {
	ids []bson.ObjectID
	now int64 // Unix seconds
}

// fill is a declared document with the placeholders filled in, as the application would have written it.
func (p placeholders) fill(d library.Document) bson.D {
	doc := bson.D{}
	for _, field := range d {
		doc = append(doc, bson.E{Key: field.Field, Value: p.value(field.Value)})
	}
	return doc
}

func (p placeholders) value(v any) any {
	switch v := v.(type) {
	case library.Document:
		return p.fill(v)
	case []any:
		list := bson.A{}
		for _, element := range v {
			list = append(list, p.value(element))
		}
		return list
	case string:
		return p.text(v)
	case int64:
		return number(v)
	}
	return v
}

func (p placeholders) text(text string) any {
	if text == "{now}" {
		return number(p.now)
	}
	hex := make([]string, len(p.ids))
	for i, id := range p.ids {
		hex[i] = id.Hex()
	}
	return strings.NewReplacer("{ids}", strings.Join(hex, ","), "{count}", strconv.Itoa(len(p.ids))).Replace(text)
}

// number is a whole number as the application's driver stores it: in 32 bits where it fits.
func number(n int64) any {
	if n >= math.MinInt32 && n <= math.MaxInt32 {
		return int32(n)
	}
	return n
}
