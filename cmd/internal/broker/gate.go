package broker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// gateWait bounds the server's answer to one request.
const gateWait = 5 * time.Second

// gate creates consumers for guests. A push consumer names the subject that
// its messages go to, and could so copy one stream's messages into another:
// the gate lets guests name an inbox only, and moves it below a prefix that
// nothing else uses. The guests' account imports it back under its own name.
type gate struct {
	nc     *nats.Conn
	closed chan struct{}
}

// openGate serves the requests of guests until close.
func openGate(b *Broker) (*gate, error) {
	g := &gate{closed: make(chan struct{})}
	nc, err := b.Connect(nats.Name("netsync guests"), nats.ClosedHandler(func(*nats.Conn) { close(g.closed) }))
	if err != nil {
		return nil, err
	}
	g.nc = nc
	if _, err = nc.Subscribe(gatePrefix+"CONSUMER.>", g.create); err == nil {
		err = nc.Flush()
	}
	if err != nil {
		g.close()
		return nil, fmt.Errorf("serve the broker's guests: %w", err)
	}
	return g, nil
}

// close ends the connection and waits for it.
func (g *gate) close() {
	g.nc.Close()
	<-g.closed
}

// create passes a request on, or says why not. An answer that does not get
// through is the guest's timeout: it asks again.
func (g *gate) create(m *nats.Msg) {
	request, err := guarded(m.Data)
	if err != nil {
		_ = m.Respond(refusal(err))
		return
	}
	subject := apiPrefix + strings.TrimPrefix(m.Subject, gatePrefix)
	answer, err := g.nc.Request(subject, request, gateWait)
	if err != nil {
		_ = m.Respond(refusal(err))
		return
	}
	_ = m.Respond(bytes.Replace(answer.Data, []byte(`"`+gatePrefix+inboxPrefix), []byte(`"`+inboxPrefix), 1))
}

// inboxPrefix begins the subjects that clients make for themselves.
const inboxPrefix = "_INBOX."

// guarded reads a request with the server's own types and writes it anew, so
// that the server cannot read it differently. It makes an update a creation:
// a guest does not change a consumer that is there.
func guarded(data []byte) ([]byte, error) {
	var request server.CreateConsumerRequest
	if err := json.Unmarshal(data, &request); err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	if deliver := request.Config.DeliverSubject; deliver != "" {
		if !strings.HasPrefix(deliver, inboxPrefix) {
			return nil, fmt.Errorf("guests have messages delivered to a subject that begins with %s", inboxPrefix)
		}
		request.Config.DeliverSubject = gatePrefix + deliver
	}
	request.Action = server.ActionCreate
	return json.Marshal(request)
}

// refusal is an answer in the form of the JetStream API.
func refusal(err error) []byte {
	answer, marshalErr := json.Marshal(server.JSApiConsumerCreateResponse{ApiResponse: server.ApiResponse{
		Type:  server.JSApiConsumerCreateResponseType,
		Error: &server.ApiError{Code: http.StatusForbidden, Description: err.Error()},
	}})
	if marshalErr != nil {
		return nil
	}
	return answer
}
