package emulator

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	loopback = "127.0.0.1"
	// imdsAddress is the address of IMDS on every machine.
	imdsAddress = "169.254.169.254:80"
)

// open starts the servers and composes the program's environment.
func (a *Azure) open() error {
	base, err := a.openIdentity()
	if err != nil {
		return err
	}
	if a.platform.environ != nil {
		vars, err := a.platform.environ(a, base)
		if err != nil {
			return err
		}
		a.environ = append(a.environ, vars...)
	}
	ca, err := newAuthority(a.config.Certificate)
	if err != nil {
		return err
	}
	roots, err := a.writeFile("roots.pem", ca.pem())
	if err != nil {
		return err
	}
	proxy, err := a.openProxy(ca)
	if err != nil {
		return err
	}
	a.environ = append(a.environ,
		"HTTPS_PROXY=http://"+proxy,
		"NO_PROXY="+a.config.unproxied(),
		"SSL_CERT_FILE="+roots,
		"REQUESTS_CA_BUNDLE="+roots,
	)
	return nil
}

// listen returns the address to listen on, with a port that the kernel picks.
func (c *Config) listen() string { return net.JoinHostPort(cmp.Or(c.Listen, loopback), "0") }

// reach returns the address under which programs reach the listener.
func (c *Config) reach(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return net.JoinHostPort(c.host(), port)
}

func (c *Config) host() string { return cmp.Or(c.Host, c.Listen, loopback) }

// unproxied returns the value of NO_PROXY.
func (c *Config) unproxied() string {
	hosts := []string{loopback, "localhost", "169.254.169.254"}
	if !slices.Contains(hosts, c.host()) {
		hosts = append(hosts, c.host())
	}
	return strings.Join(hosts, ",")
}

// openIdentity serves the identity endpoint, if the platform has one, and
// returns its URL without a path.
func (a *Azure) openIdentity() (base string, err error) {
	switch {
	case !hasEndpoint(a.config.platform()):
		return "", nil
	case a.platform.imds:
		return "", a.openIMDS()
	case a.config.platform() == "arc":
		if err := a.writeArcKey(); err != nil {
			return "", err
		}
	}
	l, err := a.listenIdentity(a.config.listen())
	if err != nil {
		return "", fmt.Errorf("listening for the identity endpoint: %w", err)
	}
	server, base := a.server(a.Identity()), "http://"+a.config.reach(l)
	if server.TLSConfig, err = a.endpointTLS(); err != nil {
		return "", errors.Join(err, l.Close())
	}
	if server.TLSConfig != nil {
		server.Protocols = a.config.protocols()
		base = "https" + base[len("http"):]
	}
	a.serve(server, l)
	return base, nil
}

// endpointTLS returns how the identity endpoint serves TLS, nil if it does not.
func (a *Azure) endpointTLS() (*tls.Config, error) {
	if a.platform.proxy {
		return a.bindingTLS()
	}
	if a.config.platform() != "servicefabric" {
		return nil, nil
	}
	certificate, err := endpointCertificate(a.config.host())
	if err != nil {
		return nil, err
	}
	a.environ = append(a.environ, "IDENTITY_SERVER_THUMBPRINT="+thumbprint(certificate))
	return &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}, nil
}

func (a *Azure) openIMDS() error {
	l, err := a.listenIdentity(imdsAddress)
	if err != nil {
		return fmt.Errorf("this platform listens on %s, so this address must exist and its port be free: run in your own network namespace, "+
			`for example: unshare --user --map-root-user --net sh -c "ip link set lo up; ip address add 169.254.169.254/32 dev lo; exec ..." (%w)`, imdsAddress, err)
	}
	a.serve(a.server(a.Identity()), l)
	return nil
}

// listenIdentity returns the identity endpoint's listener, which begins to accept
// connections after [Config.IdentityStartsAfter].
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
	l, err := net.Listen("tcp", a.config.listen())
	if err != nil {
		return "", fmt.Errorf("listening for the proxy: %w", err)
	}
	emulated := func(host string) bool { return a.stores[host] != nil }
	tunnels := newHandover(l.Addr())
	stores := a.server(a.Stores())
	stores.Protocols = a.config.protocols()
	stores.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if !emulated(hello.ServerName) {
			return nil, fmt.Errorf("no such host in the emulator: %s", hello.ServerName)
		}
		return ca.leaf(hello.ServerName)
	}}
	a.serve(stores, tunnels)
	a.serve(a.server(&proxy{emulated, a.log, tunnels, a.config.Network.Latency, a.closed}), l)
	return a.config.reach(l), nil
}

// protocols returns the versions of HTTP that are offered over TLS.
func (c *Config) protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetHTTP2(c.Network.HTTP2)
	return p
}

func (a *Azure) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ConnContext:       withConnection,
		ReadHeaderTimeout: 10 * time.Second,
		// Errors of connections are the client's business, and often intended.
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
		l.Close() // in case Serve has not begun, which tells Close about l
		<-done
		return err
	})
}
