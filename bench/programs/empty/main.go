// Empty becomes the command in its arguments and does nothing else. It shows the
// cost of putting any Go program in front of another.
package main

import (
	"os"
	"syscall"
)

func main() {
	syscall.Exec(os.Args[1], os.Args[1:], os.Environ())
	os.Exit(125)
}
