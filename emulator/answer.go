package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// A refusal is an error answer of a vault or of Resource Manager.
type refusal struct {
	status  int
	code    string
	message string
	inner   string // innererror.code, if any
	header  http.Header
}

func refuse(status int, code, format string, args ...any) *refusal {
	return &refusal{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// because adds the code that tells causes of one status apart.
func (r *refusal) because(inner string) *refusal {
	r.inner = inner
	return r
}

func (r *refusal) with(name, value string) *refusal {
	r.header = http.Header{}
	r.header.Set(name, value)
	return r
}

type errorBody struct {
	Error errorDetail `json:"error"`
}

type errorDetail struct {
	Code    string       `json:"code"`
	Message string       `json:"message"`
	Inner   *innerDetail `json:"innererror,omitempty"`
}

type innerDetail struct {
	Code string `json:"code"`
}

func (r *refusal) write(w http.ResponseWriter) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	body := errorBody{errorDetail{Code: r.code, Message: r.message}}
	if r.inner != "" {
		body.Error.Inner = &innerDetail{r.inner}
	}
	writeJSON(w, r.status, body)
}

// writeJSON answers with the value, or with its bytes if it is a
// [json.RawMessage].
func writeJSON(w http.ResponseWriter, status int, value any) {
	body, verbatim := value.(json.RawMessage)
	if !verbatim {
		body = marshal(value)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}

// marshal leaves <, > and & as they are, like the services.
func marshal(value any) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		panic(err) // the emulator's own types
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}
