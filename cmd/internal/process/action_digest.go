package process

import (
	"context"
	"errors"
	"io/fs"

	"go.uber.org/zap"

	"netsync/cmd/internal/cli"
	"netsync/publishers/newsletter"
)

// A sending sends a digest.
type sending func(ctx context.Context) (newsletter.Report, error)

// SendDigest sends the digest now, or has it wait for approval.
func (s *Session) SendDigest(ctx context.Context) (newsletter.Report, error) {
	return s.askToSend(ctx, actionDigest, nil, (*newsletter.Newsletter).Send)
}

// ApproveDigest approves the digest that waits, and sends it.
func (s *Session) ApproveDigest(ctx context.Context, id DigestID) (newsletter.Report, error) {
	return s.askToSend(ctx, actionApprove, id, func(letter *newsletter.Newsletter, ctx context.Context) (newsletter.Report, error) {
		return id.makeApproval(letter)(ctx)
	})
}

// askToSend has the running process send a digest by an action or, if none runs, calls
// here with the newsletter of this process.
func (s *Session) askToSend(ctx context.Context, action string, request any, here func(*newsletter.Newsletter, context.Context) (newsletter.Report, error)) (newsletter.Report, error) {
	var report newsletter.Report
	err := s.askProcess(ctx, action, request, &report)
	if !errors.Is(err, errNobody) {
		return report, err
	}
	show, clearLine := cli.NewSendProgress()
	defer clearLine()
	s.progress = show
	n, err := newNode(s, []string{RoleNewsletter})
	if err != nil {
		return report, err
	}
	return n.sender.send(ctx, func(ctx context.Context) (newsletter.Report, error) { return here(n.sender.letter, ctx) })
}

// send sends a digest and brings the draft up to date.
func (d *digestSender) send(ctx context.Context, send sending) (newsletter.Report, error) {
	report, err := send(ctx)
	refreshChannel(ctx, d.Log, d.runner)
	var exit *cli.Error
	if errors.As(LetterError(err), &exit) {
		d.digests.noteStopped()
		return report, exit
	}
	d.digests.noteReport(report, err)
	return report, err
}

// sendDue sends the digest of the last time of the schedule, which may lie before the
// call: the machine may have slept.
func (d *digestSender) sendDue(ctx context.Context) {
	due, ok := d.letter.Due(d.Config.Newsletter.Schedule)
	if !ok {
		d.Log.Info("digest skipped: its grace period is over")
		return
	}
	report, err := d.letter.RunDue(ctx, due)
	d.noteDone(ctx, report, err)
}

// noteDone brings the draft up to date after a digest, and notes its outcome.
func (d *digestSender) noteDone(ctx context.Context, report newsletter.Report, err error) {
	refreshChannel(ctx, d.Log, d.runner)
	d.digests.noteReport(report, err)
	if err != nil {
		d.Log.Error("digest not sent", zap.Error(err))
		return
	}
	if report.Skipped != "" || !report.Waiting.IsZero() {
		return // the newsletter itself logs one that waits
	}
	d.Log.Info("digest", zap.Bool("empty", report.Empty), zap.Int("sent", report.Sent), zap.Int("refused", report.Refused), zap.Int("uncertain", report.Uncertain))
}

// A DigestID names the digest that waits for approval.
type DigestID struct {
	ID string `json:"id"` // "" is whichever waits
	// MarkAsSent, for a digest that is cancelled, says that it was sent in the time that
	// a restore has lost.
	MarkAsSent bool `json:"went_out,omitempty"`
}

// cancelDigest cancels a digest, or ends it as one that was sent.
func (d DigestID) cancelDigest(ctx context.Context, letter *newsletter.Newsletter) (newsletter.Sent, error) {
	if d.MarkAsSent {
		return letter.MarkAsSent(ctx, d.ID)
	}
	return letter.Cancel(ctx, d.ID)
}

func (d DigestID) makeApproval(letter *newsletter.Newsletter) sending {
	return func(ctx context.Context) (newsletter.Report, error) { return letter.Approve(ctx, d.ID) }
}

// addHandlers adds the actions of a process with the newsletter.
func (d *digestSender) addHandlers(handlers map[string]handler) {
	handlers[actionDigest] = handle(func(ctx context.Context, _ struct{}) (any, error) { return d.send(ctx, d.letter.Send) })
	handlers[actionApprove] = handle(func(ctx context.Context, id DigestID) (any, error) { return d.send(ctx, id.makeApproval(d.letter)) })
	handlers[actionCancel] = handle(func(ctx context.Context, id DigestID) (any, error) {
		sent, err := id.cancelDigest(ctx, d.letter)
		if err == nil {
			d.digests.noteReport(newsletter.Report{}, nil) // none waits any more
		}
		return sent, LetterError(err)
	})
	handlers[actionNote] = handle(d.answerNote)
	handlers[actionTest] = handle(func(ctx context.Context, address string) (any, error) {
		return nil, LetterError(d.letter.SendTest(ctx, address))
	})
}

// askNewsletter has the running process act on the newsletter or, if none runs, calls
// do with the newsletter here.
func askNewsletter[T any](ctx context.Context, s *Session, action string, request any, do func(*newsletter.Newsletter) (T, error)) (answer T, err error) {
	if err = s.askProcess(ctx, action, request, &answer); !errors.Is(err, errNobody) {
		return answer, err
	}
	letter, err := s.OpenNewsletter()
	if err != nil {
		return answer, err
	}
	answer, err = do(letter)
	return answer, LetterError(err)
}

// TestDigest sends a test of the draft to an address.
func (s *Session) TestDigest(ctx context.Context, address string) error {
	_, err := askNewsletter(ctx, s, actionTest, address, func(letter *newsletter.Newsletter) (any, error) {
		return nil, letter.SendTest(ctx, address)
	})
	return err
}

// CancelDigest takes the digest back that waits for approval.
func (s *Session) CancelDigest(ctx context.Context, id DigestID) (newsletter.Sent, error) {
	return askNewsletter(ctx, s, actionCancel, id, func(letter *newsletter.Newsletter) (newsletter.Sent, error) {
		return id.cancelDigest(ctx, letter)
	})
}

// LetterError gives an error of the newsletter the exit code that it means.
func LetterError(err error) error {
	var setup *newsletter.SetupError
	var note *newsletter.NoteError
	switch {
	case errors.As(err, &setup), errors.As(err, &note):
		return &cli.Error{Code: cli.ExitUsage, Err: err}
	case errors.Is(err, fs.ErrNotExist):
		return &cli.Error{Code: cli.ExitData, Err: errors.New("there is no draft yet: nothing was published; run netsync sync")}
	case errors.Is(err, newsletter.ErrNothingWaits):
		return &cli.Error{Code: cli.ExitData, Err: err}
	}
	return err
}

// A NoteRequest asks for the note of the next digest or, with a text, sets it.
type NoteRequest struct {
	Language string  `json:"language"` // "" is the dataset's default
	Text     *string `json:"text"`     // nil asks; "" takes the note away
}

func (r NoteRequest) applyTo(ctx context.Context, letter *newsletter.Newsletter) (newsletter.Noted, error) {
	if r.Text == nil {
		return letter.Note(ctx, r.Language)
	}
	return letter.SetNote(ctx, r.Language, *r.Text)
}

// NoteDigest returns the note of the next digest, after it set it if the request has
// a text.
func (s *Session) NoteDigest(ctx context.Context, request NoteRequest) (newsletter.Noted, error) {
	return askNewsletter(ctx, s, actionNote, request, func(letter *newsletter.Newsletter) (newsletter.Noted, error) {
		return request.applyTo(ctx, letter)
	})
}

// answerNote is NoteDigest of a running process. A digest that waits has another id
// afterwards, which the status shows.
func (d *digestSender) answerNote(ctx context.Context, request NoteRequest) (any, error) {
	noted, err := request.applyTo(ctx, d.letter)
	if err == nil && request.Text != nil && noted.Digest != "" {
		d.digests.noteReport(newsletter.Report{Digest: noted.Digest, Waiting: noted.Waiting}, nil)
	}
	return noted, LetterError(err)
}
