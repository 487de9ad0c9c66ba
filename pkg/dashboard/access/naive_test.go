package access

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
)

// naive is what somebody would write who thinks only of letting the right people in: a token in the address that always
// works, a page for everybody who asks, a log of each address, and no header. Each check of an attack must find
// something here, else it would prove nothing.
func naive(log io.Writer, token string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(log, r.Method, r.URL)
		w.Header().Set("X-Token", token)
		page.ServeHTTP(w, r.WithContext(With(r.Context(), Visitor{Name: "anna", Config: nowhere, Key: "anna"})))
	})
}

func TestEachAttackSucceedsAgainstANaiveHandler(t *testing.T) {
	const token = "a-token-of-the-visitor"
	var log bytes.Buffer
	handler := naive(&log, token)
	forged := request("POST", "/", "")
	forged.Header.Set("Sec-Fetch-Site", "cross-site")
	unknown := answer(handler, request("GET", "/", ""))
	for what, found := range map[string]bool{
		"somebody unknown gets in":     unknown.StatusCode == http.StatusOK,
		"a forged request gets in":     answer(handler, forged).StatusCode == http.StatusOK,
		"security headers are missing": len(missingHeaders(unknown.Header)) > 0,
		"the token is in an answer": len(tokenParts(everything(t, answer(handler, request("GET", "/", ""))),
			token)) > 0,
		"the token of an address is logged": len(tokenParts(logOf(handler, &log, "/?token="+token), token)) > 0,
	} {
		if !found {
			t.Errorf("the check does not see that %s", what)
		}
	}
}

func logOf(handler http.Handler, log *bytes.Buffer, path string) string {
	answer(handler, request("GET", path, ""))
	return log.String()
}
