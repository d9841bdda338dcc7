package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// refusal is an error response of a vault or of Resource Manager.
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

// because adds the inner code, which distinguishes causes of the same status.
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
	writeJSON(w, r.status, r.body())
}

func (r *refusal) body() errorBody {
	body := errorBody{errorDetail{Code: r.code, Message: r.message}}
	if r.inner != "" {
		body.Error.Inner = &innerDetail{r.inner}
	}
	return body
}

// reply sends the value, or the refusal if it is not nil.
func reply(w http.ResponseWriter, value any, refused *refusal) {
	if refused != nil {
		refused.write(w)
		return
	}
	status := http.StatusOK
	if made, ok := value.(created); ok {
		status, value = http.StatusCreated, made.any
	}
	writeJSON(w, status, value)
}

// writeJSON sends the value as JSON. A [json.RawMessage] is sent byte for byte.
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

// marshal does not escape <, > and &, as the services do not.
func marshal(value any) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		panic(err) // impossible: all types are the emulator's own
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}
