//go:build containers

package deploy_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"azinject/emulator"
)

// peer is this test binary under that name in images: Azure, a proxy, and the
// servers that azinject becomes.
//
//	peer azure           Azure of the YAML in $AZURE; $CERTIFICATE is its TLS certificate and key, $HOST its name
//	peer proxy           an HTTP proxy for CONNECT, on port 3128
//	peer print NAME ...  prints these variables
//	peer wait            waits for SIGTERM, says so and exits with 7
//	peer mute            an HTTP server that never replies, on port 80
//	peer get URL         prints the response
//	peer post URL BODY   prints the response
func peer() error {
	switch os.Args[1] {
	case "azure":
		return azureServer()
	case "proxy":
		return proxyServer()
	case "print":
		for _, name := range os.Args[2:] {
			fmt.Printf("%s=%s\n", name, os.Getenv(name))
		}
		return nil
	case "wait":
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM)
		fmt.Println("ready, the first process:", os.Getpid() == 1)
		fmt.Println("ended by:", <-signals)
		os.Exit(7)
	case "mute":
		return http.ListenAndServe(":80", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			fmt.Println("asked")
			<-r.Context().Done()
		}))
	case "get":
		return printResponse(http.Get(os.Args[2]))
	case "post":
		return printResponse(http.Post(os.Args[2], "application/json", strings.NewReader(os.Args[3])))
	}
	return errors.New("peer: what?")
}

// printResponse prints the body of a response.
func printResponse(response *http.Response, err error) error {
	if err != nil {
		return err
	}
	_, err = io.Copy(os.Stdout, response.Body)
	return errors.Join(err, response.Body.Close())
}

// azureServer runs the emulator at the real addresses of Azure's services: IMDS
// at its own, vaults and Resource Manager on port 443.
func azureServer() error {
	config, err := emulator.Parse([]byte(os.Getenv("AZURE")))
	if err != nil {
		return err
	}
	certificate, err := tls.X509KeyPair([]byte(os.Getenv("CERTIFICATE")), []byte(os.Getenv("CERTIFICATE")))
	if err != nil {
		return err
	}
	if config.Host = os.Getenv("HOST"); config.Host != "" {
		config.Listen = "0.0.0.0"
	}
	azure, err := emulator.Start(config)
	if err != nil {
		return err
	}
	l, err := tls.Listen("tcp", ":443", &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	if err != nil {
		return err
	}
	for _, kv := range azure.Environ() { // the variables of a pod, and the files that they name
		name, value, _ := strings.Cut(kv, "=")
		if content, err := os.ReadFile(value); err == nil && strings.HasPrefix(name, "AZURE_") {
			fmt.Printf("file %s=%q\n", name, content)
		} else if strings.HasPrefix(name, "AZURE_") {
			fmt.Println(kv)
		}
	}
	fmt.Println("ready")
	return http.Serve(l, azure.Stores())
}

// proxyServer runs a proxy that prints the hosts that it connects to.
func proxyServer() error {
	l, err := net.Listen("tcp", ":3128")
	if err != nil {
		return err
	}
	fmt.Println("ready")
	return http.Serve(l, http.HandlerFunc(connect))
}

// connect does what a proxy does for CONNECT.
func connect(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(w, "CONNECT only", http.StatusMethodNotAllowed)
		return
	}
	server, err := net.Dial("tcp", r.Host)
	if err != nil {
		http.Error(w, "no way there", http.StatusBadGateway)
		return
	}
	defer server.Close()
	w.WriteHeader(http.StatusOK)
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	fmt.Println("connected to", r.Host)
	go io.Copy(server, buffered)
	io.Copy(client, server)
}

// isPeer reports whether this program is peer, and not the tests.
func isPeer() bool { return filepath.Base(os.Args[0]) == "peer" }
