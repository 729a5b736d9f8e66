package asset

import "testing"

func TestTheHeaderOfAWebPSaysHowLargeItIs(t *testing.T) {
	t.Parallel()
	for chunk, want := range map[string][2]int{
		"VP8 \x0a\x00\x00\x00\x00\x00\x00\x9d\x01\x2a\x78\x40\x28\x00": {120, 40},
		"VP8L\x0a\x00\x00\x00\x2f\x77\xc0\x09\x00\x00\x00\x00\x00\x00": {120, 40},
		"VP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x77\x00\x00\x27\x00\x00": {120, 40},
		"VP8X\x0a\x00": {0, 0},
	} {
		if width, height := webpSize([]byte("RIFF\x1a\x00\x00\x00WEBP" + chunk)); width != want[0] || height != want[1] {
			t.Errorf("webpSize(%q) = %d, %d, want %d", chunk, width, height, want)
		}
	}
}
