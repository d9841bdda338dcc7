package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// A login is real Azure, in which COMMAND is the developer.
type login struct {
	url, secret string
	services    []string // that there are tokens for
	server      *http.Server
	end         context.CancelFunc // of what az is still doing
}

// prepareLogin signs in, and returns what serves the identity endpoint.
func prepareLogin(o *options, inherited, declared []string) (func() (azure, error), error) {
	c := currentCloud(lookup(merge(inherited, declared)))
	developer, err := findSignIn(context.Background(), sources(lookup(inherited), c.Configuration), c.ResourceManager().Audience)
	if err != nil {
		return nil, err
	}
	return func() (azure, error) { return serveLogin(developer, o.audiences, placeFor(o.containers)) }, nil
}

func serveLogin(developer *signIn, more []string, at place) (azure, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(at.address, "0"))
	if err != nil {
		return nil, fmt.Errorf("listening for COMMAND: %w", err)
	}
	running, end := context.WithCancel(context.Background())
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	l := &login{
		url: "http://" + net.JoinHostPort(at.host, port) + endpointPath, secret: rand.Text(),
		services: append([]string{"Key Vault", "Resource Manager"}, more...), end: end,
	}
	e := &endpoint{
		secret: l.secret, audiences: audiences(more),
		hosts: map[string]bool{loopback: true, "localhost": true, at.address: true, at.host: true},
		// Not the request's context: a client that loses patience comes again,
		// and then az should not have to begin again.
		token: func(_ context.Context, audience string) (azcore.AccessToken, error) {
			return developer.token(running, audience)
		},
	}
	l.server = &http.Server{Handler: e, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	go l.server.Serve(listener)
	return l, nil
}

// environ keeps the developer's proxies and trusted roots, which lead to Azure.
// A credential that a deployment selects, such as the user's of a job, is not
// here: the developer stands for it.
func (l *login) environ(inherited, declared []string) []string {
	return merge(without(inherited, ofIdentity, ofSignIn), without(declared, ofSelection), []string{"IDENTITY_ENDPOINT=" + l.url, "IDENTITY_HEADER=" + l.secret})
}

func (l *login) warning() string {
	return "every container on this machine that knows the random IDENTITY_HEADER gets tokens with your rights, for " +
		strings.Join(l.services, ", ") + ", as long as azlocal runs"
}

func (l *login) close() error {
	l.end()
	return l.server.Close()
}
