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

	"azinject/emulator"
)

// login is real Azure, where COMMAND acts as the developer.
type login struct {
	url, secret string
	services    []string // that tokens are for
	server      *http.Server
	end         context.CancelFunc // stops az
}

// prepareLogin signs in and returns what serves the identity endpoint.
func prepareLogin(more []string, at place, environ, declared []string) (func() (azure, error), error) {
	c := currentCloud(merge(environ, declared))
	developer, err := findSignIn(context.Background(), sources(environ, c.Configuration), c.ResourceManager().Audience)
	if err != nil {
		return nil, err
	}
	return func() (azure, error) { return serveLogin(developer, more, at) }, nil
}

func serveLogin(developer *signIn, more []string, at place) (azure, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(at.address, "0"))
	if err != nil {
		return nil, fmt.Errorf("listening for COMMAND: %w", err)
	}
	running, end := context.WithCancel(context.Background())
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	l := &login{
		url: "http://" + net.JoinHostPort(at.host, port) + emulator.AppServicePath, secret: rand.Text(),
		services: append([]string{"Key Vault", "App Configuration", "Foundry", "Resource Manager", "online endpoints"}, more...), end: end,
	}
	e := &endpoint{
		secret: l.secret, audiences: audiences(more),
		hosts: map[string]bool{loopback: true, "localhost": true, at.address: true, at.host: true},
		// Not the request's context: a client that gives up asks again, and az
		// should not have to start over.
		token: func(audience string) (azcore.AccessToken, error) { return developer.token(running, audience) },
	}
	l.server = &http.Server{Handler: e, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	go l.server.Serve(listener)
	return l, nil
}

func (l *login) Environ() []string {
	return []string{"IDENTITY_ENDPOINT=" + l.url, "IDENTITY_HEADER=" + l.secret}
}

func (l *login) warning() string {
	return "every container on this machine that knows the random IDENTITY_HEADER gets tokens with your rights for " +
		strings.Join(l.services, ", ") + " while azlocal runs"
}

func (l *login) Close() error {
	l.end()
	return l.server.Close()
}
