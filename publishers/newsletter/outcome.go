package newsletter

import (
	"errors"
	"fmt"
	"net/textproto"
)

// An outcome is what became of handing over one message.
type outcome struct {
	state  state // "" where the server has surely not taken it
	code   int   // of its answer; 0 where there was none
	reason string
	stop   bool // the next message would fare no better
}

// An Outcome is what became of a message for good.
type Outcome string

// The outcomes of a message.
const (
	MessageSent      Outcome = "sent"
	MessageRefused   Outcome = "refused"   // by the server, for good
	MessageUncertain Outcome = "uncertain" // the server's answer was lost: never sent again
)

// told is what others hear of an outcome; false where the message is sent again.
func (o outcome) told() (Outcome, bool) {
	switch o.state {
	case stateSent:
		return MessageSent, true
	case stateRefused:
		return MessageRefused, true
	case stateUncertain:
		return MessageUncertain, true
	}
	return "", false
}

// outcomeOf reads why a step failed. The server's own words are left out of
// the reason: they like to name the recipient. The connection is usable where
// the server goes on talking.
func outcomeOf(failed step, err error) (o outcome, usable bool) {
	o = outcome{code: codeOf(err), reason: string(failed)}
	if o.code > 0 {
		o.reason = fmt.Sprintf("%s (answer %d)", o.reason, o.code)
	}
	isFinal := o.code >= 500
	switch failed {
	case stepMail:
		o.stop = isFinal // it is the sender that is refused, whoever the recipient is
	case stepRcpt, stepData:
		if isFinal {
			o.state = stateRefused
		}
	case stepContent:
		o.state = stateUncertain
		return o, false // a connection on which half a message lies says nothing more
	case stepDot:
		if isFinal {
			o.state = stateRefused
		} else if o.code == 0 {
			o.state = stateUncertain
		}
	}
	return o, o.code > 0 && o.code != codeClosing
}

// codeClosing says that the server ends the connection (RFC 5321 §3.8).
const codeClosing = 421

// codeOf is the code of an answer that says no; 0 where there was no such
// answer.
func codeOf(err error) int {
	answer, ok := errors.AsType[*textproto.Error](err)
	if !ok || answer.Code < 400 || answer.Code > 599 {
		return 0
	}
	return answer.Code
}
