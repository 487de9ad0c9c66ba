package access

import "testing"

// Seen to fail for a path with a backslash that is not looked for.
func TestOnlyAPathOfThisSiteIsRedirectedTo(t *testing.T) {
	for _, elsewhere := range []string{
		"", "evil.example", "https://evil.example", "https:evil.example", "//evil.example", "///evil.example",
		`/\evil.example`, `\\evil.example`,
		"/\t/evil.example", "/\n/evil.example", " //evil.example", "javascript:alert(1)", `/a\..\..\\evil.example`, "/é",
		"http://127.0.0.1/", "/%zz", "/\x00",
	} {
		if got := localPath(elsewhere); got != "/" {
			t.Errorf("%q leads to %q", elsewhere, got)
		}
	}
	for _, here := range []string{"/", "/namespaces/ucorefs/schedules/nightly", "/?state=failed&namespace=a",
		"/a%20b?next=https://evil.example", "/#top"} {
		if got := localPath(here); got != here {
			t.Errorf("%q leads to %q", here, got)
		}
	}
}
