package logrotation

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"ucorefs.io/maintenance/pkg/logfile"
)

func writeZstd(t testing.TB, name, text string) {
	t.Helper()
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b)
	if err == nil {
		_, err = z.Write([]byte(text))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	write(t, name, b.String())
}

// Seen to fail when a file of the other format was not found beside its generation, and when of two compressed files
// of one generation the first was forgotten.
func TestGenerationsOfBothFormatsAreOneLogs(t *testing.T) {
	const first, second, third, newest = "a.log.20260101-000001", "a.log.20260101-000002", "a.log.20260101-000003",
		"a.log.20260101-000004"
	for name, c := range map[string]struct {
		plain, gzip, zstd map[string]string
		keep              int
		want              map[string]string
	}{
		"what is compressed stays as it is, and what comes is compressed as is chosen": {
			map[string]string{second: "2", newest: "4"}, map[string]string{first: "1"}, nil, 9,
			map[string]string{first + ".gz": "1", second + ".zst": "2", newest: "4"},
		},
		"the oldest are deleted, whatever their format": {
			map[string]string{newest: "4"}, map[string]string{first: "1", third: "3"}, map[string]string{second: "2"}, 2,
			map[string]string{third + ".gz": "3", newest: "4"},
		},
		"a run with the other format that was killed is finished": {
			map[string]string{first: "1", newest: "4"}, map[string]string{first: "1"}, nil, 9,
			map[string]string{first + ".gz": "1", newest: "4"},
		},
		"a generation that is there in both formats is deleted in both": {
			map[string]string{newest: "4"}, map[string]string{first: "1"}, map[string]string{first: "1"}, 1,
			map[string]string{newest: "4"},
		},
		"a compressed file with other content is never replaced": {
			map[string]string{first: "1", newest: "4"}, map[string]string{first: "another's"},
			map[string]string{first: "yet another's"}, 9,
			map[string]string{first + ".gz": "another's", first + ".zst": "yet another's", first + ".1.zst": "1", newest: "4"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range c.plain {
				write(t, filepath.Join(dir, name), text)
			}
			for name, text := range c.gzip {
				writeGzip(t, filepath.Join(dir, name+logfile.Gzip), text)
			}
			for name, text := range c.zstd {
				writeZstd(t, filepath.Join(dir, name+logfile.Zstd), text)
			}
			o := options(dir, 10)
			o.MaxLogFiles, o.CompressLogs, o.CompressZstd = c.keep, true, true
			if _, done := rotate(t, o, now); done.Verdict != nil {
				t.Errorf("%+v", done.Verdict)
			}
			if diff := cmp.Diff(c.want, tree(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
