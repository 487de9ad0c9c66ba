package bsonvalue

import (
	"math"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestWhatIsAppendedCanBeCut(t *testing.T) {
	values := []any{
		bson.NewObjectID(), "", "a\x00b", int32(3), int64(math.MaxInt64), -1, 3.5, math.NaN(), math.Inf(-1),
		decimal(t, "0.1"), true,
		time.UnixMilli(3), bson.Null{}, bson.D{{Key: "a", Value: bson.A{1, "x"}}}, bson.A{1}, bson.Binary{Data: []byte("3")},
		bson.MinKey{},
		bson.Regex{Pattern: "3"}, bson.Timestamp{T: 3},
	}
	var b []byte
	for i, v := range values {
		b = AppendNumber(Of(raw(t, v)).Append(b), int64(i)<<40)
	}
	for i, v := range values {
		want := Of(raw(t, v))
		got, rest, err := Cut(b)
		if err != nil || got != want {
			t.Fatalf("%v is cut as %v (%v)", want, got, err)
		}
		n, rest, err := CutNumber(rest)
		if err != nil || n != int64(i)<<40 {
			t.Fatalf("%d is cut as %d (%v)", int64(i)<<40, n, err)
		}
		b = rest
	}
	if len(b) > 0 {
		t.Errorf("%d bytes are left", len(b))
	}
}

func TestBytesThatAreNotWholeAreRefused(t *testing.T) {
	whole := Of(raw(t, "a text")).Append(nil)
	for n := range whole {
		if v, _, err := Cut(whole[:n]); err == nil {
			t.Errorf("%d of %d bytes are cut as %v", n, len(whole), v)
		}
	}
	if _, _, err := CutNumber([]byte{0x80}); err == nil {
		t.Error("half a number is one")
	}
}
