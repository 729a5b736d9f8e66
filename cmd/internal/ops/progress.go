package ops

import (
	"net/http"
	"strings"
	"time"
)

// withProgress ends a connection whose reader accepts nothing for the time
// stall. A slow reader gets everything.
func withProgress(stall time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := &progressWriter{w, http.NewResponseController(w), stall}
		next.ServeHTTP(p, r)
		p.extendDeadline() // for what is still buffered
	})
}

// A progressWriter extends the deadline of a connection with each part written.
// It has no ReadFrom, which would write a whole file under one deadline.
type progressWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	stall   time.Duration
}

// partSize is how many bytes a reader must accept before the deadline. The
// system's buffers take some of them.
const partSize = 16 << 10

// Write writes in parts.
func (p *progressWriter) Write(data []byte) (n int, err error) {
	for {
		part := data[n:min(len(data), n+partSize)]
		p.extendDeadline()
		written, err := p.ResponseWriter.Write(part)
		if n += written; err != nil || n == len(data) {
			return n, err
		}
	}
}

// extendDeadline extends the deadline. If it cannot be set, as in tests without
// a connection, the server's deadline applies.
func (p *progressWriter) extendDeadline() { _ = p.control.SetWriteDeadline(time.Now().Add(p.stall)) }

// Unwrap supports http.ResponseController.
func (p *progressWriter) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// maxRanges is the most parts of a file in a request. A resumed download needs
// one, a reader of PDF a few.
const maxRanges = 16

// withFewRanges answers a request for very many parts with the whole file, as RFC
// 9110 §14.2 suggests: each part costs a header of its own.
func withFewRanges(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Count(r.Header.Get("Range"), ",") >= maxRanges {
			r.Header.Del("Range")
		}
		next.ServeHTTP(w, r)
	})
}
