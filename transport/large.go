package transport

import (
	"context"
	"io"
)

// largeAnswer is where an answer is so large that few are read at once. Secrets are
// smaller.
const largeAnswer = 64 << 10

// mostLarge bounds how many large answers of a client are read at once.
const mostLarge = MaxConnections / 4

// queued is the body of an answer that waits for one of the slots before more than
// largeAnswer is read. What waits fits into the buffers of its stream, so that
// others on the connection go on.
type queued struct {
	io.ReadCloser
	ctx   context.Context
	slots chan struct{}
	read  int
	holds bool // a slot
}

func (q *queued) Read(b []byte) (int, error) {
	if q.read >= largeAnswer && !q.holds {
		select {
		case q.slots <- struct{}{}:
			q.holds = true
		case <-q.ctx.Done():
			return 0, q.ctx.Err()
		}
	}
	n, err := q.ReadCloser.Read(b)
	q.read += n
	return n, err
}

func (q *queued) Close() error {
	if q.holds {
		q.holds = false
		<-q.slots
	}
	return q.ReadCloser.Close()
}
