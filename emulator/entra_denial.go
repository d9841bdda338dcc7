package emulator

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// denial is an error response of Microsoft Entra. Its message begins with a
// number, as in AADSTS700016: ….
type denial struct {
	status  int
	code    string
	message string
}

func deny(status int, code, format string, args ...any) *denial {
	return &denial{status, code, fmt.Sprintf(format, args...)}
}

func (d *denial) write(w http.ResponseWriter, r *http.Request, now time.Time) {
	writeJSON(w, d.status, d.body(r, now))
}

type entraError struct {
	Error         string `json:"error"`
	Description   string `json:"error_description"`
	Codes         []int  `json:"error_codes"`
	Timestamp     string `json:"timestamp"`
	TraceID       string `json:"trace_id"`
	CorrelationID string `json:"correlation_id"`
	URI           string `json:"error_uri,omitempty"`
}

var aadsts = regexp.MustCompile(`^AADSTS(\d+):`)

// body returns the response's body. As the service does, it ends the description
// with what Microsoft's support needs.
func (d *denial) body(r *http.Request, now time.Time) entraError {
	e := entraError{
		Error: d.code, Codes: []int{}, Timestamp: now.UTC().Format("2006-01-02 15:04:05Z"),
		TraceID: traceID(r), CorrelationID: r.Header.Get("Client-Request-Id"),
	}
	if !isGUID(e.CorrelationID) {
		e.CorrelationID = derivedGUID("correlation")
	}
	e.Description = fmt.Sprintf("%s Trace ID: %s Correlation ID: %s Timestamp: %s", d.message, e.TraceID, e.CorrelationID, e.Timestamp)
	if m := aadsts.FindStringSubmatch(d.message); m != nil {
		number, _ := strconv.Atoi(m[1])
		e.Codes, e.URI = []int{number}, "https://"+storeHost(r)+"/error?code="+m[1]
	}
	return e
}

// traceID returns the service's own ID for the request.
func traceID(r *http.Request) string { return derivedGUID("trace", r.URL.Path) }
