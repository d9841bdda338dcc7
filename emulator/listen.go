package emulator

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// imdsAddress is the one address that IMDS has everywhere.
const imdsAddress = "169.254.169.254:80"

// open starts the servers and composes the environment that leads to them.
func (a *Azure) open() error {
	if err := a.openIdentity(); err != nil {
		return err
	}
	ca, err := newAuthority(a.config.Certificate)
	if err != nil {
		return err
	}
	roots, err := a.writeRoots(ca.pem())
	if err != nil {
		return err
	}
	proxy, err := a.openProxy(ca)
	if err != nil {
		return err
	}
	a.environ = append(a.environ,
		"HTTPS_PROXY=http://"+proxy,
		"NO_PROXY=127.0.0.1,localhost,169.254.169.254",
		"SSL_CERT_FILE="+roots,
		"REQUESTS_CA_BUNDLE="+roots,
	)
	return nil
}

// openIdentity serves the identity endpoint, if the platform has one.
func (a *Azure) openIdentity() error {
	if a.platform.serve == nil {
		return nil
	}
	if a.platform.environ == nil {
		return a.openIMDS()
	}
	l, err := a.listenIdentity("127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening on loopback: %w", err)
	}
	server, url := a.server(a.Identity()), "http://"+l.Addr().String()+a.platform.path
	if a.config.platform() == "servicefabric" {
		certificate, err := loopbackCertificate()
		if err != nil {
			return errors.Join(err, l.Close())
		}
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
		url = "https" + url[len("http"):]
		a.environ = append(a.environ, "IDENTITY_SERVER_THUMBPRINT="+thumbprint(certificate))
	}
	a.environ = append(a.environ, a.platform.environ(url, a.machine.secret)...)
	if a.config.Deployment != "" {
		a.environ = append(a.environ, "AML_DEPLOYMENT_RESOURCE_ID="+a.config.Deployment)
	}
	a.serve(server, l)
	return nil
}

func (a *Azure) openIMDS() error {
	l, err := a.listenIdentity(imdsAddress)
	if err != nil {
		return fmt.Errorf("platform imds listens on %s, so that address must exist and the port be free: run in a network namespace of your own, "+
			`as in: unshare --user --map-root-user --net sh -c "ip link set lo up; ip address add 169.254.169.254/32 dev lo; exec ..." (%w)`, imdsAddress, err)
	}
	a.serve(a.server(a.Identity()), l)
	return nil
}

// listenIdentity returns the identity endpoint's listener, which refuses
// connections as long as the configuration says.
func (a *Azure) listenIdentity(address string) (net.Listener, error) {
	if a.config.IdentityStartsAfter == 0 {
		return net.Listen("tcp", address)
	}
	l, err := reserve(address)
	if err != nil {
		return nil, err
	}
	l.timer = a.after(a.config.IdentityStartsAfter, l.open)
	return l, nil
}

// openProxy serves the stores behind a CONNECT proxy and returns its address.
func (a *Azure) openProxy(ca *authority) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listening on loopback: %w", err)
	}
	emulated := func(host string) bool { return a.stores[host] != nil }
	tunnels := newHandover(l.Addr())
	stores := a.server(a.Stores())
	stores.Protocols = new(http.Protocols)
	stores.Protocols.SetHTTP1(true)
	stores.Protocols.SetHTTP2(a.config.Network.HTTP2)
	stores.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if !emulated(hello.ServerName) {
			return nil, fmt.Errorf("no such host in the emulator: %s", hello.ServerName)
		}
		return ca.leaf(hello.ServerName)
	}}
	a.serve(stores, tunnels)
	a.serve(a.server(&proxy{emulated, a.log, tunnels, a.config.Network.Latency, a.closed}), l)
	return l.Addr().String(), nil
}

func (a *Azure) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ConnContext:       withConnection,
		ReadHeaderTimeout: 10 * time.Second,
		// What clients do to a connection is their affair, and a tested one.
		ErrorLog: log.New(io.Discard, "", 0),
	}
}

// serve runs the server until [Azure.Close], over TLS if it has a TLSConfig.
func (a *Azure) serve(server *http.Server, l net.Listener) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if server.TLSConfig != nil {
			server.ServeTLS(l, "", "")
		} else {
			server.Serve(l)
		}
	}()
	a.closers = append(a.closers, func() error {
		err := server.Close()
		l.Close() // Close knows of it only once Serve has begun
		<-done
		return err
	})
}
