package access

import (
	"net/http"
)

// MaxBody is the largest body of a request, in bytes. It has room for a config.json.
const MaxBody = 1 << 20

// policy is the Content-Security-Policy: nothing inline, nothing from elsewhere, no frame around the page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; " +
	"frame-ancestors 'none'; base-uri 'none'"

// securityHeaders are on every answer. A handler may replace Cache-Control for what holds nothing of a visitor, such as
// a script. The Referrer-Policy tells other sites nothing; no-referrer would also make browsers send "Origin: null"
// with the page's own forms.
var securityHeaders = [][2]string{
	{"Content-Security-Policy", policy},
	{"X-Frame-Options", "DENY"}, // for browsers that do not know frame-ancestors
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "same-origin"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Cache-Control", "no-store"},
}

// protect is around everything that the package serves: the security headers, no request of another site that changes
// something, and no body above MaxBody.
func protect(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "the request comes from another site, or the address of the dashboard is not the one that the "+
			"browser shows: open the dashboard by its own https address and try again", http.StatusForbidden)
	}))
	inner := sameOrigin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, header := range securityHeaders {
			w.Header().Set(header[0], header[1])
		}
		r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
		inner.ServeHTTP(w, r)
	})
}
