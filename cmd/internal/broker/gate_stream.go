package broker

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// mayRead reports whether guests may read a stream.
func (g *gate) mayRead(stream string) bool {
	dataset, _ := g.dataset.Load().(string)
	return slices.Contains(guestStreams(dataset), stream)
}

// relayOfStream passes on what is asked about a stream that guests may read.
func (g *gate) relayOfStream(m *nats.Msg, r request) ([]byte, error) {
	if !g.mayRead(r.stream) {
		return nil, server.NewJSStreamNotFoundError()
	}
	return g.relayRequest(m, r)
}

// listStreams leaves out of the server's list what guests may not read.
func (g *gate) listStreams(m *nats.Msg, r request) ([]byte, error) {
	data, err := g.relayRequest(m, r)
	if err != nil {
		return nil, err
	}
	var list server.JSApiStreamNamesResponse
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, err
	}
	list.Streams = slices.DeleteFunc(list.Streams, func(name string) bool { return !g.mayRead(name) })
	list.Total = len(list.Streams)
	return json.Marshal(list)
}

// newRefusal returns an error as an answer of the JetStream API.
func newRefusal(err error) []byte {
	refused, ok := errors.AsType[*server.ApiError](err)
	if !ok {
		refused = &server.ApiError{Code: http.StatusForbidden, Description: err.Error()}
	}
	answer, err := json.Marshal(server.ApiResponse{Type: "io.nats.jetstream.api.v1.error", Error: refused})
	if err != nil {
		return nil
	}
	return answer
}
