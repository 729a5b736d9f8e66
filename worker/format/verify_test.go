package format

import (
	"testing"

	"netsync/worker/yaml"
)

// TestNothingWrongIsLetThrough checks outputs with possible mistakes.
func TestNothingWrongIsLetThrough(t *testing.T) {
	t.Parallel()
	const in = "a: 1 # one\nb: [x]\n"
	for name, test := range map[string]struct {
		out  string
		good bool
	}{
		"the same":         {in, true},
		"another layout":   {"# one\na:  1\nb:\n- x\n", true},
		"another value":    {"a: 2 # one\nb: [x]\n", false},
		"another type":     {"a: '1' # one\nb: [x]\n", false},
		"a comment less":   {"a: 1\nb: [x]\n", false},
		"a comment cut":    {"a: 1 # on\nb: [x]\n", false},
		"a comment more":   {"a: 1 # one\nb: [x] # one\n", false},
		"no YAML any more": {"a: 1 # one\nb: [x\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := verifyOutput(yaml.Parse("networks/x.yaml", []byte(in)), []byte(in), []byte(test.out))
			if (err == nil) != test.good {
				t.Errorf("error = %v", err)
			}
		})
	}
}
