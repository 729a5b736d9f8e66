package newsletter

import "testing"

// What would be a second command goes nowhere, whoever let it through: there is
// no server here that could hear it.
func TestNoAddressBringsACommandOfItsOwn(t *testing.T) {
	t.Parallel()
	for want, m := range map[step]message{
		stepMail: {from: "a@example.org>\r\nRSET", to: "c@example.org"},
		stepRcpt: {from: "a@example.org", to: "c@example.org>\nDATA"},
	} {
		c := connection{pipelines: true}
		if failed, err := c.envelope(m); failed != want || err == nil {
			t.Errorf("%+v: step %q, %v", m, failed, err)
		}
	}
}
