package ops

import (
	"bytes"
	"container/list"
	"crypto/sha256"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Content codings, RFC 9110 §8.4.1, and the better first.
var codings = []string{"zstd", "gzip"}

// negotiate chooses among what a request accepts, RFC 9110 §12.5.3; "" is the
// content as it is. Of several that are wanted alike, ours decides.
func negotiate(accept []string) string {
	weights := make(map[string]float64)
	for item := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, parameters, _ := strings.Cut(item, ";")
		weight := 1.0
		if key, value, ok := strings.Cut(strings.TrimSpace(parameters), "="); ok && strings.EqualFold(strings.TrimSpace(key), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || q < 0 || q > 1 {
				q = 0
			}
			weight = q
		}
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			weights[name] = weight
		}
	}
	best, most := "", 0.0
	for _, coding := range codings {
		weight, ok := weights[coding]
		if !ok {
			weight = weights["*"]
		}
		if weight > most {
			best, most = coding, weight
		}
	}
	if weights["identity"] > most {
		return ""
	}
	return best
}

// maxPackedBytes bounds what a packer keeps.
const maxPackedBytes = 64 << 20

// A packer packs content and keeps what was packed last, by the content's
// hash: the same content is packed once, whatever release it is in.
type packer struct {
	mu    sync.Mutex
	size  int
	kept  map[packKey]*list.Element
	order *list.List // of *packed, the one that was used last in front
}

type packKey struct {
	coding string
	sum    [sha256.Size]byte
}

type packed struct {
	key  packKey
	once sync.Once
	data []byte // nil where it gets no smaller
	fits bool   // the content has the hash
	size int    // as counted
}

func newPacker() *packer {
	return &packer{kept: make(map[packKey]*list.Element), order: list.New()}
}

// pack packs content whose hash is known; nil is content that gets no smaller.
// False says that it cannot be read, or is not what the hash says.
func (p *packer) pack(coding string, sum [sha256.Size]byte, content io.Reader) ([]byte, bool) {
	item := p.item(packKey{coding, sum})
	item.once.Do(func() {
		plain, err := io.ReadAll(io.LimitReader(content, maxPacked+1))
		if item.fits = err == nil && sha256.Sum256(plain) == sum; !item.fits {
			p.drop(item)
			return
		}
		if data := encode(coding, plain); len(data) < len(plain) {
			item.data = data
		}
		p.count(item)
	})
	return item.data, item.fits
}

func (p *packer) item(key packKey) *packed {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.kept[key]; e != nil {
		p.order.MoveToFront(e)
		return e.Value.(*packed)
	}
	item := &packed{key: key}
	p.kept[key] = p.order.PushFront(item)
	return item
}

// count makes room for what was packed.
func (p *packer) count(item *packed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	const overhead = 256
	item.size = len(item.data) + overhead
	p.size += item.size
	for last := p.order.Back(); p.size > maxPackedBytes && last != nil; last = p.order.Back() {
		p.remove(last)
	}
}

// drop forgets what could not be packed, so that it is tried again.
func (p *packer) drop(item *packed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.kept[item.key]; e != nil && e.Value == item {
		p.remove(e)
	}
}

func (p *packer) remove(e *list.Element) {
	item := p.order.Remove(e).(*packed)
	delete(p.kept, item.key)
	p.size -= item.size
}

// encode packs bytes; the same bytes give the same.
func encode(coding string, plain []byte) []byte {
	var b bytes.Buffer
	switch coding {
	case "gzip":
		w, _ := gzip.NewWriterLevel(&b, gzip.DefaultCompression) // the level is valid
		_, _ = w.Write(plain)                                    // a buffer takes all
		_ = w.Close()
	case "zstd":
		w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(8<<20)) // RFC 9659
		if err != nil {
			return plain
		}
		defer w.Close()
		return w.EncodeAll(plain, nil)
	}
	return b.Bytes()
}
