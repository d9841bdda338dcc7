package report

import (
	"io"
	"os"
	"strings"
	"syscall"
)

// terminationLog is the file from which Kubernetes takes the reason why a
// container ended, and maxTerminationLog how much of it, in bytes.
// https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/
const (
	terminationLog    = "/dev/termination-log"
	maxTerminationLog = 4096
)

// WriteTerminationMessage writes the report to the termination log, if
// Kubernetes has made one. A link there is not followed.
func (r Report) WriteTerminationMessage() {
	if info, err := os.Lstat(terminationLog); err != nil || !info.Mode().IsRegular() {
		return
	}
	if f, err := os.OpenFile(terminationLog, os.O_WRONLY|os.O_TRUNC|syscall.O_NOFOLLOW, 0); err == nil {
		io.WriteString(f, firstLines(r.String(), maxTerminationLog))
		f.Close()
	}
}

// firstLines returns as many whole lines of text as fit into limit bytes, or
// the beginning of a first line that does not fit.
func firstLines(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	if end := strings.LastIndexByte(text[:limit], '\n'); end >= 0 {
		return text[:end+1]
	}
	return text[:limit]
}
