package ops

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// minCompressed is the size of the smallest file that is compressed.
const minCompressed = 512

// A compressor makes a handler send its answers in zstd or gzip if the request
// accepts that. The ETag of a compressed answer ends in the coding's name.
type compressor func(http.Handler) http.HandlerFunc

func newCompressor() compressor {
	wrap, _ := gzhttp.NewWrapper( // the options are valid
		gzhttp.MinSize(minCompressed),
		gzhttp.SuffixETag("-gzip"), // "-zstd" for zstd
		gzhttp.ExceptContentTypes([]string{"multipart/byteranges"}),
	)
	return wrap
}

// serve answers a request for content. The content sees a GET also if it is a
// HEAD, which gets the headers of a GET: gzhttp would leave it uncompressed, and
// net/http sends no body. It does not see the ETag that the reader has: only a
// conditionalWriter knows the one of the answer.
func (c compressor) serve(w http.ResponseWriter, r *http.Request, content http.Handler) {
	asked := r.Clone(r.Context())
	asked.Method = http.MethodGet
	known := r.Header.Get("If-None-Match")
	if known != "" {
		asked.Header.Del("If-None-Match")
		asked.Header.Del("If-Modified-Since") // RFC 9110 §13.1.3: not beside it
	}
	c(content)(&conditionalWriter{w, known}, asked)
}

// A conditionalWriter answers 304 instead of 200 if the reader has the ETag of
// the answer. net/http then refuses the body, which stops the handler.
type conditionalWriter struct {
	http.ResponseWriter
	known string // If-None-Match
}

// WriteHeader compares the final ETag of the answer.
func (w *conditionalWriter) WriteHeader(code int) {
	h := w.Header()
	tag := h.Get("ETag")
	if code == http.StatusOK && tag != "" && (w.known == "*" || strings.Contains(w.known, tag)) {
		code = http.StatusNotModified
		h.Del("Content-Type")
		h.Del("Content-Encoding")
		h.Del("Content-Length")
		h.Del("Last-Modified")
	}
	w.ResponseWriter.WriteHeader(code)
}
