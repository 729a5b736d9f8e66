package event_test

import (
	"strings"
	"testing"

	"netsync/schema/event"
)

func TestTheTraceFollowsFromTheIDs(t *testing.T) {
	t.Parallel()
	const changeset = "3f2a0c1d@41"
	record, end := event.TraceOf(changeset+":networks/leru"), event.TraceOf(changeset)
	for _, trace := range []event.TraceParent{record, end} {
		if !trace.Valid() || !strings.HasPrefix(string(trace), "00-"+event.TraceID(changeset)+"-") || !strings.HasSuffix(string(trace), "-01") {
			t.Errorf("trace = %q", trace)
		}
	}
	if record == end || record != event.TraceOf(changeset+":networks/leru") {
		t.Errorf("spans: %q, %q", record, end)
	}
	if event.TraceID(changeset) == event.TraceID("3f2a0c1d@42") {
		t.Error("two changesets share a trace")
	}
	// A consumer in another programming language computes the same ids.
	if got := event.TraceOf("a"); got != "00-ca978112ca1bbdcafac231b39a23dc4d-ca978112ca1bbdca-01" {
		t.Errorf("trace of %q = %q", "a", got)
	}
}

func TestATraceIsReadWhereItIsThereAndWellFormed(t *testing.T) {
	t.Parallel()
	good := string(event.TraceOf("0@1"))
	for given, want := range map[string]string{
		"": "", `"traceparent":"` + good + `",`: good, `"traceparent":"` + strings.ToUpper(good) + `",`: "",
		`"traceparent":"00-00000000000000000000000000000000-b7ad6b7169203331-01",`: "",
		`"traceparent":"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",`: "",
		`"traceparent":"` + good + `-more",`:                                       "",
	} {
		e, err := event.Decode([]byte(`{` + given + `"specversion":"1.0","id":"0@1","source":"/datasets/d","type":"netsync.changeset.completed","time":"2026-11-24T08:00:00Z","data":{}}`))
		if err != nil || string(e.Trace) != want {
			t.Errorf("%s: %q, want %q: %v", given, e.Trace, want, err)
			continue
		}
		data, err := event.Encode(e)
		if err != nil || strings.Contains(string(data), `"traceparent":"`+want+`"`) != (want != "") {
			t.Errorf("%s is written as %s: %v", given, data, err)
		}
	}
}
