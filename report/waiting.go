package report

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"azinject/resolve"
)

// A wait is silent at first. Then a line from time to time says what it is for.
const (
	silence  = 5 * time.Second
	interval = 30 * time.Second
)

// SayWaiting says what a start waits for until ctx is done.
func SayWaiting(ctx context.Context, facts func() resolve.Waiting, log Log) {
	for timer := time.NewTimer(silence); ; timer.Reset(interval) {
		select {
		case <-ctx.Done():
			return
		case now := <-timer.C:
			writeWaiting(facts(), now, log)
		}
	}
}

func writeWaiting(w resolve.Waiting, now time.Time, log Log) {
	if w.Pending == 0 {
		return
	}
	reason := strings.Join(strings.Fields(w.Reason), " ") // in one line
	log.Say(fmt.Sprintf("waiting: %d of %s: %s; gives up in %v",
		w.Pending, plural(w.Total, "reference"), cmp.Or(reason, "no answer yet"), max(0, w.Until.Sub(now).Round(time.Second))))
}
