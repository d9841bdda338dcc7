package emulator

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// far returns both ends of a connection with a round trip of 10 ms, and a function
// that breaks it. It is also called at the end of the test.
func far(t *testing.T) (client, server net.Conn, stop func()) {
	client, near := net.Pipe()
	stopped := make(chan struct{})
	stop = sync.OnceFunc(func() { close(stopped) })
	t.Cleanup(stop)
	return client, distant(near, 10*time.Millisecond, stopped), stop
}

func write(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

// expect reads the text and checks when its last byte came.
func expect(t *testing.T, c net.Conn, text string, start time.Time, after time.Duration) {
	t.Helper()
	got := make([]byte, len(text))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != text {
		t.Fatalf("read %q, %v, want %q", got, err, text)
	}
	if took := time.Since(start); took != after {
		t.Errorf("%q took %v, want %v", text, took, after)
	}
}

// The clock in these bubbles is fake, so times are exact.

func TestDistantEcho(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server, _ := far(t)
		for range 3 {
			start := time.Now()
			write(t, client, "question")
			expect(t, server, "question", start, 5*time.Millisecond)
			write(t, server, "answer")
			expect(t, client, "answer", start, 10*time.Millisecond)
		}
	})
}

// TestDistantPipeline sends bytes while others are on their way.
func TestDistantPipeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server, _ := far(t)
		for _, direction := range [][2]net.Conn{{client, server}, {server, client}} {
			from, to := direction[0], direction[1]
			start := time.Now()
			for i := range 4 { // within less than a delay
				write(t, from, string(rune('a'+i)))
				time.Sleep(time.Millisecond)
			}
			for i := range 4 {
				expect(t, to, string(rune('a'+i)), start, time.Duration(5+i)*time.Millisecond)
			}
		}
	})
}

func TestDistantBytesKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server, _ := far(t)
		sent := make([]byte, 1<<20)
		source := rand.NewChaCha8([32]byte{})
		source.Read(sent)
		var both sync.WaitGroup
		both.Go(func() { io.CopyN(server, server, int64(len(sent))) })
		both.Go(func() {
			for rest := sent; len(rest) > 0; {
				n := min(len(rest), 1+rand.N(40<<10))
				client.Write(rest[:n])
				rest = rest[n:]
			}
		})
		start, got := time.Now(), make([]byte, len(sent))
		if _, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, sent) {
			t.Errorf("what came back is not what was sent (%v)", err)
		}
		if took := time.Since(start); took != 10*time.Millisecond {
			t.Errorf("took %v, want 10ms: bandwidth must be unlimited", took)
		}
		both.Wait()
	})
}

// TestDistantEnd closes connections from either side. That alone must end the
// goroutines, for which the bubble waits.
func TestDistantEnd(t *testing.T) {
	for _, fromServer := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			client, near := net.Pipe()
			from, to := client, distant(near, 10*time.Millisecond, nil)
			if fromServer {
				from, to = to, from
			}
			start := time.Now()
			write(t, from, "last words")
			from.Close()
			expect(t, to, "last words", start, 5*time.Millisecond)
			if _, err := to.Read(make([]byte, 1)); err != io.EOF || time.Since(start) != 5*time.Millisecond {
				t.Errorf("the end: %v after %v", err, time.Since(start))
			}
			to.Close()
			time.Sleep(time.Second)
		})
	}
}

func TestDistantStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server, stop := far(t)
		start := time.Now()
		write(t, client, "never read")
		write(t, server, "never read")
		stop()
		for _, c := range []net.Conn{client, server} {
			if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF || time.Since(start) != 0 {
				t.Errorf("read %d bytes, %v after %v", n, err, time.Since(start))
			}
		}
	})
}

func TestDistantReadDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server, _ := far(t)
		start := time.Now()
		write(t, client, "late")
		server.SetReadDeadline(start.Add(time.Millisecond))
		if _, err := server.Read(make([]byte, 4)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Millisecond {
			t.Errorf("%v after %v, want the deadline", err, time.Since(start))
		}
		server.SetReadDeadline(time.Time{})
		expect(t, server, "late", start, 5*time.Millisecond)
	})
}

// TestDistantHandshake counts round trips: one for the handshake of TLS 1.3, two
// for that of TLS 1.2, and one for a request.
func TestDistantHandshake(t *testing.T) {
	authority, err := newAuthority("")
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := authority.leaf("open.vault.azure.net")
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[uint16]time.Duration{tls.VersionTLS12: 30 * time.Millisecond, tls.VersionTLS13: 20 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			client, server, _ := far(t)
			var serving sync.WaitGroup
			serving.Go(func() {
				c := tls.Server(server, &tls.Config{Certificates: []tls.Certificate{*leaf}})
				io.CopyN(c, c, 8)
			})
			start := time.Now()
			c := tls.Client(client, &tls.Config{MinVersion: version, MaxVersion: version, InsecureSkipVerify: true})
			write(t, c, "question")
			expect(t, c, "question", start, want)
			serving.Wait()
		})
	}
}

// With the real clock, tests can only check lower bounds.

func TestLatency(t *testing.T) {
	a := launch(t, "network: {latency: 20ms}\n"+world)
	c := client(t, a)
	header := tokenFor(a, "endpoint", vaultAudience)
	for _, least := range []time.Duration{60 * time.Millisecond, 20 * time.Millisecond} { // connect, handshake, request; request
		start := time.Now()
		got := see(c, request(t, "GET", "https://open.vault.azure.net/secrets/db?api-version=7.4", header))
		if got.status != http.StatusOK {
			t.Fatalf("seen %+v", got)
		}
		if took := time.Since(start); took < least {
			t.Errorf("took %v, want %v at least", took, least)
		}
	}
}

// TestCloseBreaksDistantConnections ends waits that would take an hour.
func TestCloseBreaksDistantConnections(t *testing.T) {
	a := launch(t, "network: {latency: 1h}\n"+world)
	proxy := strings.TrimPrefix(environ(a, "HTTPS_PROXY"), "http://")
	c, err := net.Dial("tcp", proxy)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	write(t, c, "CONNECT open.vault.azure.net:443 HTTP/1.1\r\nHost: open.vault.azure.net:443\r\n\r\nearly")
	for a.Counts()[KindConnect] == 0 {
		time.Sleep(time.Millisecond)
	}
	a.Close()
	if got, err := io.ReadAll(c); len(got) > 0 {
		t.Errorf("read %q, %v", got, err)
	}
}
