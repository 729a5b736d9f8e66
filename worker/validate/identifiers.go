package validate

import (
	"strings"

	"netsync/schema"
)

// checkSum checks the check digits of an identifier of the right form.
func (c *check) checkSum(kind, value string, at *schema.Path) {
	good := goodISNI
	if kind == "ror" {
		good = goodROR
	}
	if right, formed := good(value); formed && !right {
		c.addAt(checksum, at.String(), "%s is %s, which its check digits show to be mistyped", formatSubject(at.String()), value)
	}
}

// crockford are the digits of base 32 as ROR writes them.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// goodROR checks the last two digits of a ROR id, which follow from the seven
// before them by ISO 7064 mod 97-10 (ROR's documentation, "ROR identifier
// pattern"). formed is false if it does not have the form of a ROR id.
func goodROR(value string) (right, formed bool) {
	id, ok := strings.CutPrefix(value, "https://ror.org/")
	if !ok || len(id) != 9 {
		return false, false
	}
	n := 0
	for _, c := range []byte(id[:7]) {
		digit := strings.IndexByte(crockford, c)
		if digit < 0 {
			return false, false
		}
		n = n*32 + digit
	}
	if !isDigit(id[7]) || !isDigit(id[8]) {
		return false, false
	}
	sum := 98 - n*100%97
	return int(id[7]-'0')*10+int(id[8]-'0') == sum, true
}

// goodISNI checks the last character of an ISNI, which follows from the fifteen
// before it by ISO 7064 mod 11-2 (ISO 27729 §4.2).
func goodISNI(value string) (right, formed bool) {
	id := strings.ReplaceAll(value, " ", "")
	if len(id) != 16 {
		return false, false
	}
	sum := 0
	for _, c := range []byte(id[:15]) {
		if !isDigit(c) {
			return false, false
		}
		sum = (sum + int(c-'0')) * 2
	}
	want := byte('0' + (12-sum%11)%11)
	if want == '0'+10 {
		want = 'X'
	}
	return id[15] == want, true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
