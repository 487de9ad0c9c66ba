package apiproxy

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
)

// Fault is what becomes of a request: one of these, or the code of an answer that refuses it before the server hears of
// it.
type Fault int

// The faults that are no answer.
const (
	None       Fault = 0
	LostBefore Fault = -1 // the server never hears of it
	LostAfter  Fault = -2 // the server has done it, and its answer is lost
	Torn       Fault = -3 // the server has done it, and its answer ends in the middle
)

// cut ends a connection at once, so that the client reads no more. A fault of an answer that is written to nobody is
// none.
func cut(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // a recorder
	}
	type lingering interface{ NetConn() net.Conn }
	if secured, ok := connection.(lingering); ok {
		if raw, ok := secured.NetConn().(*net.TCPConn); ok {
			_ = raw.SetLinger(0) // a reset, and no polite end of TLS
			_ = raw.Close()
		}
	}
	_ = connection.Close()
}

// half promises the whole answer and sends its first half.
func half(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	body := answer.Body.Bytes()
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush()
}

var reasons = map[int]string{409: "Conflict", 429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable"}

// refuse answers as an API server does that does not do what it is asked. It names no time to wait for: the client
// would.
func refuse(w http.ResponseWriter, code int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":%q,"code":%d,`+
		`"message":"a fault of the test"}`, reasons[code], code)
}
