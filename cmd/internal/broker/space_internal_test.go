package broker

import (
	"math"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestAFullDiskIsSaid(t *testing.T) {
	b := &Broker{store: t.TempDir()}
	if err := b.checkSpace(1); err != nil {
		t.Error(err)
	}
	if runtime.GOOS == "linux" {
		if err := b.checkSpace(math.MaxUint64); err == nil || !strings.Contains(err.Error(), "no space is left on the disk of "+b.store) {
			t.Errorf("a disk that is too small: %v", err)
		}
	}
	b.store = filepath.Join(b.store, "nowhere")
	if err := b.checkSpace(math.MaxUint64); err != nil {
		t.Errorf("where nothing can be told: %v", err)
	}
}
