package schema

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
)

// A number is the exact value of a JSON number. Where it is whole and small,
// as nearly all are, rat is nil and small is the value.
type number struct {
	small int64
	rat   *big.Rat
}

// maxExact is the power of two up to which every whole float64 is exact.
const maxExact = 1 << 53

// readNumber reads a json.Number or one of Go's numbers. It reports false for
// everything else, also for what is not finite. A float has the value of the
// shortest decimal that stands for it, as when it is written as JSON.
func readNumber(v any) (number, bool) {
	switch v := v.(type) {
	case json.Number:
		if n, ok := readDigits(string(v)); ok {
			return number{small: n}, true
		}
		return readExact(string(v))
	case int:
		return number{small: int64(v)}, true
	case int64:
		return number{small: v}, true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) <= maxExact {
			return number{small: int64(v)}, true
		}
		return readExact(fmt.Sprint(v))
	case float32, int8, int16, int32, uint, uint8, uint16, uint32, uint64:
		return readExact(fmt.Sprint(v))
	}
	return number{}, false
}

// readDigits reads what surely fits an int64: up to 18 digits after a sign.
func readDigits(s string) (int64, bool) {
	digits := s
	if len(s) > 0 && s[0] == '-' {
		digits = s[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	var n int64
	for i := range len(digits) {
		if !isDigit(digits[i]) {
			return 0, false
		}
		n = 10*n + int64(digits[i]-'0')
	}
	if len(digits) < len(s) {
		n = -n
	}
	return n, true
}

// readExact reads all other forms: fractions, exponents, long numbers.
// Exponents beyond a million are refused, as the library refuses them.
func readExact(s string) (number, bool) {
	rat, ok := new(big.Rat).SetString(s)
	if !ok {
		return number{}, false
	}
	if rat.IsInt() && rat.Num().IsInt64() {
		return number{small: rat.Num().Int64()}, true
	}
	return number{rat: rat}, true
}

// whole reports whether n is an integer, which 1.0 and 1e3 are, too (JSON
// Schema Core, §4.2.3).
func (n number) whole() bool { return n.rat == nil || n.rat.IsInt() }

func (n number) equal(other number) bool { return n.compare(other) == 0 }

// compare returns -1, 0 or 1.
func (n number) compare(other number) int {
	if n.rat != nil || other.rat != nil {
		return n.exact().Cmp(other.exact())
	}
	switch {
	case n.small < other.small:
		return -1
	case n.small > other.small:
		return 1
	}
	return 0
}

func (n number) exact() *big.Rat {
	if n.rat != nil {
		return n.rat
	}
	return new(big.Rat).SetInt64(n.small)
}
