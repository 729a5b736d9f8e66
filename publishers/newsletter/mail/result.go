package mail

import (
	"errors"
	"fmt"
	"net/textproto"
)

// A Result is what became of handing over one message.
type Result struct {
	Outcome Outcome // "" if the server has surely not taken the message
	Code    int     // of its answer; 0 if there was none
	Reason  string
	Stop    bool // the next message would fare no better
}

// An Outcome is what became of a message for good.
type Outcome string

// The outcomes of a message, as the ledger has them.
const (
	Sent      Outcome = "sent"
	Refused   Outcome = "refused"   // by the server, for good
	Uncertain Outcome = "uncertain" // the server's answer was lost: never sent again
)

// newResult returns the result of a step that failed. The server's own words are left
// out of the reason: they often name the recipient. The connection is usable if the
// server continues.
func newResult(failed step, err error) (r Result, usable bool) {
	r = Result{Code: answerCode(err), Reason: string(failed)}
	if r.Code > 0 {
		r.Reason = fmt.Sprintf("%s (answer %d)", r.Reason, r.Code)
	}
	isFinal := r.Code >= 500
	switch failed {
	case stepMail:
		r.Stop = isFinal // it is the sender that is refused, whoever the recipient is
	case stepRcpt, stepData:
		if isFinal {
			r.Outcome = Refused
		}
	case stepContent:
		r.Outcome = Uncertain
		return r, false // a connection on which half a message lies says nothing more
	case stepDot:
		if isFinal {
			r.Outcome = Refused
		} else if r.Code == 0 {
			r.Outcome = Uncertain
		}
	}
	return r, r.Code > 0 && r.Code != codeClosing
}

// codeClosing says that the server ends the connection (RFC 5321 §3.8).
const codeClosing = 421

// answerCode returns the code of a negative answer; 0 if there was none.
func answerCode(err error) int {
	answer, ok := errors.AsType[*textproto.Error](err)
	if !ok || answer.Code < 400 || answer.Code > 599 {
		return 0
	}
	return answer.Code
}
