package mail

import (
	"errors"
	"fmt"
	"net/textproto"
)

// A Result is the result of sending one message.
type Result struct {
	Outcome Outcome // "" if the server certainly did not accept the message
	Code    int     // of its response; 0 if there was none
	Reason  string
	Stop    bool // the next message would fail as well
}

// An Outcome is the final outcome of a message.
type Outcome string

// Outcomes of a message, as in the ledger.
const (
	Sent      Outcome = "sent"
	Refused   Outcome = "refused"   // by the server, permanently
	Uncertain Outcome = "uncertain" // the server's response was lost: never sent again
)

// newResult returns the result of a failed step. The reason does not quote the
// server, as its texts often name the recipient. usable reports whether the
// connection can be used further.
func newResult(failed sendStep, err error) (r Result, usable bool) {
	r = Result{Code: answerCode(err), Reason: string(failed)}
	if r.Code > 0 {
		r.Reason = fmt.Sprintf("%s (answer %d)", r.Reason, r.Code)
	}
	isFinal := r.Code >= 500
	switch failed {
	case stepMail:
		r.Stop = isFinal // the sender is refused, for any recipient
	case stepRcpt, stepData:
		if isFinal {
			r.Outcome = Refused
		}
	case stepContent:
		r.Outcome = Uncertain
		return r, false // a connection with half a message cannot be used
	case stepDot:
		if isFinal {
			r.Outcome = Refused
		} else if r.Code == 0 {
			r.Outcome = Uncertain
		}
	}
	return r, r.Code > 0 && r.Code != codeClosing
}

// codeClosing is the code with which the server closes the connection (RFC 5321
// §3.8).
const codeClosing = 421

// answerCode returns the code of a negative response, or 0 if there was none.
func answerCode(err error) int {
	answer, ok := errors.AsType[*textproto.Error](err)
	if !ok || answer.Code < 400 || answer.Code > 599 {
		return 0
	}
	return answer.Code
}
