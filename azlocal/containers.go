package main

import (
	"net"
	"net/netip"
)

const loopback = "127.0.0.1"

// containerHost is the name of the machine in Docker Desktop's containers, and
// in Docker Engine's with --add-host host.docker.internal:host-gateway.
// https://docs.docker.com/reference/cli/docker/container/run/#add-host
const containerHost = "host.docker.internal"

// place is where azlocal listens, and the name by which COMMAND finds it.
type place struct{ address, host string }

// placeFor returns loopback, or the place that containers can reach. For Docker
// Engine this is the machine's address on the bridge, which is what host-gateway
// means. Docker Desktop's bridge is inside its virtual machine, and
// host.docker.internal leads to loopback.
func placeFor(containers bool) place {
	if !containers {
		return place{loopback, loopback}
	}
	if address, ok := bridgeAddress("docker0"); ok {
		return place{address, containerHost}
	}
	return place{loopback, containerHost}
}

// bridgeAddress returns the IPv4 address of the interface, if it has one.
func bridgeAddress(name string) (string, bool) {
	bridge, err := net.InterfaceByName(name)
	if err != nil {
		return "", false
	}
	addresses, err := bridge.Addrs()
	if err != nil {
		return "", false
	}
	for _, a := range addresses {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && prefix.Addr().Is4() {
			return prefix.Addr().String(), true
		}
	}
	return "", false
}
