package manifests

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"ucorefs.io/maintenance/pkg/ellipsis"
)

// object is a JSON object with its place in the file.
type object struct {
	path   string
	keys   []string // in the file's order
	values map[string]json.RawMessage
}

// parseFile is the whole file; the error of a syntax error has its line.
func parseFile(config []byte) (*object, error) {
	if name := otherEncoding(config); name != "" {
		return nil, fmt.Errorf("the file is in %s, and UCore FS reads UTF-8 only: save it as UTF-8", name)
	}
	config = bytes.TrimPrefix(config, []byte("\ufeff")) // as editors on Windows begin a file
	if err := checkUTF8(config); err != nil {
		return nil, err
	}
	if !json.Valid(config) {
		var anything any
		err := json.Unmarshal(config, &anything)
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			before := config[:min(int(syntax.Offset), len(config))]
			return nil, fmt.Errorf("line %d is not JSON: %w", 1+bytes.Count(before, []byte("\n")), err)
		}
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	return parseObject("", config)
}

// checkUTF8 refuses bytes that JSON's decoder would replace by U+FFFD.
func checkUTF8(config []byte) error {
	for at := 0; at < len(config); {
		r, size := utf8.DecodeRune(config[at:])
		if r == utf8.RuneError && size == 1 {
			return fmt.Errorf("line %d, byte %d of the file: 0x%02x is not UTF-8, and UCore FS reads UTF-8 only: "+
				"save the file as UTF-8, or convert it, such as with iconv -f WINDOWS-1252 -t UTF-8",
				1+bytes.Count(config[:at], []byte("\n")), at+1, config[at])
		}
		at += size
	}
	return nil
}

// otherEncoding is the name of the encoding of a file that is not in UTF-8, by its first bytes: a byte order mark, or
// the zeros beside the first character, which is a brace or white space before it.
func otherEncoding(config []byte) string {
	for _, encoding := range []struct{ begins, name string }{
		{"\xff\xfe\x00\x00", "UTF-32 (little-endian)"}, {"\x00\x00\xfe\xff", "UTF-32 (big-endian)"},
		{"\xff\xfe", "UTF-16 (little-endian)"}, {"\xfe\xff", "UTF-16 (big-endian)"},
	} {
		if bytes.HasPrefix(config, []byte(encoding.begins)) {
			return encoding.name
		}
	}
	return byZeros(config)
}

func byZeros(config []byte) string {
	zeros := func(n int) bool { return bytes.HasPrefix(config, make([]byte, n)) }
	after := func(n int) bool { return len(config) > n && bytes.HasPrefix(config[1:], make([]byte, n)) }
	switch {
	case zeros(3):
		return "UTF-32 (big-endian)"
	case zeros(1):
		return "UTF-16 (big-endian)"
	case after(3):
		return "UTF-32 (little-endian)"
	case after(1):
		return "UTF-16 (little-endian)"
	}
	return ""
}

// parseObject reads one level, and refuses a key that stands there twice: a reader would keep the last and lose the
// first.
func parseObject(path string, raw json.RawMessage) (*object, error) {
	o := &object{path: path, values: map[string]json.RawMessage{}}
	d := json.NewDecoder(bytes.NewReader(raw))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return o, fmt.Errorf("%s: it must be an object, {…}, and is %s", o.name(), short(raw))
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return o, fmt.Errorf("%s: %w", o.name(), err)
		}
		key := token.(string) // the keys of valid JSON are strings
		var value json.RawMessage
		if err := d.Decode(&value); err != nil && !errors.Is(err, io.EOF) {
			return o, fmt.Errorf("%s: %w", o.name(), err)
		}
		if _, twice := o.values[key]; twice {
			return o, fmt.Errorf("%s: it is written twice: remove one", o.below(key))
		}
		o.keys = append(o.keys, key)
		o.values[key] = value
	}
	return o, nil
}

func (o *object) name() string {
	if o.path == "" {
		return "the file"
	}
	return o.path
}

func (o *object) below(key string) string {
	if o.path == "" {
		return key
	}
	return o.path + "." + key
}

// has tells whether a key is there; null is as good as nothing.
func (o *object) has(key string) bool {
	raw, ok := o.values[key]
	return ok && string(raw) != "null"
}

// maxQuoted is the runes of a value that an error quotes.
const maxQuoted = 40

// short is a value as an error quotes it.
func short(raw []byte) string { return ellipsis.Cut(string(bytes.TrimSpace(raw)), maxQuoted) }
