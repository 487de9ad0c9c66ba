package dashboard

import (
	"compress/gzip"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
)

// compressors are reused: each holds more memory than a page.
var compressors = sync.Pool{New: func() any {
	c, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic(err) // a defect of the program
	}
	return c
}}

// compressed sends pages, style sheets and scripts in gzip to whoever takes that. Streams stay as they are: each event
// has to leave at once. No page holds a token or another secret that the length of what is compressed could give away.
func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !takesGzip(r.Header.Get("Accept-Encoding")) {
			next.ServeHTTP(w, r)
			return
		}
		c := &compressor{ResponseWriter: w}
		defer c.end()
		next.ServeHTTP(c, r)
	})
}

// takesGzip tells whether a browser names gzip, and not with the weight 0.
func takesGzip(accepted string) bool {
	for part := range strings.SplitSeq(accepted, ",") {
		name, parameters, err := mime.ParseMediaType("x/" + strings.TrimSpace(part))
		if err == nil && name == "x/gzip" {
			return strings.Trim(parameters["q"], "0.") != "" || parameters["q"] == ""
		}
	}
	return false
}

// compressor decides at the header whether the body is worth it.
type compressor struct {
	http.ResponseWriter
	to   *gzip.Writer // nil: the body is sent as it is
	sent bool         // the header
}

// WriteHeader implements http.ResponseWriter.
func (c *compressor) WriteHeader(status int) {
	header := c.Header()
	kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	whole := status != http.StatusNotModified && status != http.StatusPartialContent
	if !c.sent && whole && (kind == "text/html" || kind == "text/css" || kind == "text/javascript") {
		header.Set("Content-Encoding", "gzip")
		header.Add("Vary", "Accept-Encoding")
		header.Del("Content-Length")
		c.to = compressors.Get().(*gzip.Writer)
		c.to.Reset(c.ResponseWriter)
	}
	c.sent = true
	c.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (c *compressor) Write(p []byte) (int, error) {
	if !c.sent {
		c.WriteHeader(http.StatusOK)
	}
	if c.to == nil {
		return c.ResponseWriter.Write(p)
	}
	return c.to.Write(p)
}

// Unwrap is for http.ResponseController, which flushes streams.
func (c *compressor) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *compressor) end() {
	if c.to == nil {
		return
	}
	_ = c.to.Close() // who does not read it any more has gone
	compressors.Put(c.to)
}
