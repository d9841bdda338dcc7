package report

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"azinject/resolve"
)

// stamped is a stderr that records when each line is written.
type stamped struct {
	start time.Time
	bytes.Buffer
}

func (s *stamped) Write(p []byte) (int, error) {
	fmt.Fprintf(&s.Buffer, "%v %s", time.Since(s.start), p)
	return len(p), nil
}

// waitFor returns what is written during a resolution that takes this long.
func waitFor(t *testing.T, took time.Duration, facts func(time.Time) resolve.Waiting, json bool) string {
	t.Helper()
	var out stamped
	synctest.Test(t, func(t *testing.T) {
		out.start = time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), took)
		defer cancel()
		SayWaiting(ctx, func() resolve.Waiting { return facts(out.start) }, Log{&out, json})
	})
	return out.String()
}

// denied is the state of a resolution that waits for access for ten minutes.
func denied(start time.Time) resolve.Waiting {
	return resolve.Waiting{Pending: 2, Total: 7, Reason: "access denied in kv.vault.azure.net, a role assignment may still be arriving", Until: start.Add(10 * time.Minute)}
}

func TestLongWaitIsNotSilent(t *testing.T) {
	const want = `5s azinject: waiting: 2 of 7 references: access denied in kv.vault.azure.net, a role assignment may still be arriving; gives up in 9m55s
35s azinject: waiting: 2 of 7 references: access denied in kv.vault.azure.net, a role assignment may still be arriving; gives up in 9m25s
1m5s azinject: waiting: 2 of 7 references: access denied in kv.vault.azure.net, a role assignment may still be arriving; gives up in 8m55s
`
	if got := waitFor(t, 90*time.Second, denied, false); got != want {
		t.Errorf("a long wait writes\n%s\nwant\n%s", got, want)
	}
	if got := waitFor(t, 34*time.Second, denied, false); got != want[:strings.Index(want, "35s")] {
		t.Errorf("a wait of 34 seconds writes\n%s", got)
	}
}

func TestShortWaitIsSilent(t *testing.T) {
	if got := waitFor(t, silence-1, denied, false); got != "" {
		t.Errorf("a short wait writes %q", got)
	}
}

// TestWaitingInWords checks the edges of the facts.
func TestWaitingInWords(t *testing.T) {
	for want, w := range map[string]resolve.Waiting{
		"5s azinject: waiting: 1 of 1 reference: no answer yet; gives up in 1m55s\n": {Pending: 1, Total: 1, Until: time.Time{}.Add(2 * time.Minute)},
		"5s azinject: waiting: 3 of 3 references: h: two lines; gives up in 0s\n":    {Pending: 3, Total: 3, Reason: "h: two\n lines"},
		"": {Total: 3}, // all are fetched and only need to be substituted
	} {
		got := waitFor(t, silence+1, func(start time.Time) resolve.Waiting {
			if !w.Until.IsZero() {
				w.Until = start.Add(w.Until.Sub(time.Time{}))
			}
			return w
		}, false)
		if got != want {
			t.Errorf("%+v is written as %q, want %q", w, got, want)
		}
	}
}

func TestWaitingAsJSON(t *testing.T) {
	_, line, _ := strings.Cut(waitFor(t, silence+1, denied, true), " ")
	var got struct{ Time, Level, Msg string }
	err := json.Unmarshal([]byte(line), &got)
	const want = "waiting: 2 of 7 references: access denied in kv.vault.azure.net, a role assignment may still be arriving; gives up in 9m55s"
	if err != nil || got.Time == "" || got.Level != "WARN" || got.Msg != want {
		t.Errorf("%v: %q, want %q", err, line, want)
	}
}
