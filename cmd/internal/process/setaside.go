package process

import (
	"sync"

	"go.uber.org/zap"

	"netsync/cmd/internal/ops"
	"netsync/schema/stream"
)

// setAsideCounter counts the messages of the stream that are not events of the dataset,
// each once, although several parts of the process read it.
type setAsideCounter struct {
	log *zap.Logger

	mu   sync.Mutex
	seen ops.SetAside
}

// noteMessage counts a message that a part of the process read.
func (s *setAsideCounter) noteMessage(m stream.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.Seq <= s.seen.Last {
		return
	}
	s.seen.Count++
	s.seen.Last, s.seen.Subject, s.seen.Reason = m.Seq, m.Subject, m.SetAside.Error()
	s.log.Warn("message set aside: it is not an event of the dataset", zap.Uint64("seq", uint64(m.Seq)),
		zap.String("subject", m.Subject), zap.Error(m.SetAside))
}

// readStatus returns what was set aside; nil if nothing was.
func (s *setAsideCounter) readStatus() *ops.SetAside {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen.Count == 0 {
		return nil
	}
	seen := s.seen
	return &seen
}
