package rootlist

import (
	"encoding/json"
	"fmt"
	"strings"

	"ucorefs.io/maintenance/pkg/plaintext"
)

// Text is the roots for a person.
func Text(list []Root) string {
	if len(list) == 0 {
		return "no run has recorded a library root: name one with --library-root\n"
	}
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintf(&b, "%s\n  verdict     %s\n", plaintext.Line(r.Path), plaintext.Line(r.Verdict))
		if r.RestsOn != "" {
			fmt.Fprintf(&b, "  rests on    %s\n", r.RestsOn)
		}
		b.WriteString(identity("remembered", r.Remembered) + identity("seen now", r.Seen))
		for _, mount := range r.Mounts {
			fmt.Fprintf(&b, "  mount       %s\n", plaintext.Line(mount))
		}
		if r.Digest != "" {
			fmt.Fprintf(&b, "  digest      %s\n", r.Digest)
		}
	}
	return b.String()
}

func identity(name string, is *Identity) string {
	if is == nil {
		return ""
	}
	marker := "no marker"
	if is.Marker != "" {
		marker = "marker " + plaintext.Line(is.Marker)
	}
	return fmt.Sprintf("  %-11s %s, file system %s, inode %d, %d files of the sample\n", name, marker, is.FileSystem,
		is.Inode, is.SampleFiles)
}

// JSON is the roots for a program: one array.
func JSON(list []Root) []byte {
	b, _ := json.Marshal(list) // strings, numbers and booleans only
	return b
}
