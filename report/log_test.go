package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"
)

// TestLogLikeSlog compares lines with those of log/slog, up to the time.
func TestLogLikeSlog(t *testing.T) {
	attributes := []any{"plain", "kv1.vault.azure.net", "empty", "", "blank", "a b", "equals", "a=b", "quote", `say "hi"`, "lines", "a\nb",
		"unprinted", "a\x00\u200b", "html", "<&>", "invalid", "a\xffb", "n", 403, "took", 1500 * time.Microsecond}
	withoutTime := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	var text, textWant, object, objectWant bytes.Buffer
	slog.New(slog.NewTextHandler(&textWant, withoutTime)).Info("a message", attributes...)
	slog.New(slog.NewJSONHandler(&objectWant, withoutTime)).Info("a message", attributes...)
	Log{Writer: &text}.Write("INFO", "a message", attributes...)
	Log{&object, true}.Write("INFO", "a message", attributes...)

	var stamp string
	if _, err := fmt.Sscanf(text.String(), "time=%s", &stamp); err != nil {
		t.Fatalf("%v: %s", err, &text)
	}
	if _, err := time.Parse(time.RFC3339, stamp); err != nil {
		t.Error(err)
	}
	if got := text.String(); got != "time="+stamp+" "+textWant.String() {
		t.Errorf("text:\n%s, want\n%s", got, &textWant)
	}
	var got, want map[string]any
	if err := json.Unmarshal(object.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, &object)
	}
	if json.Unmarshal(objectWant.Bytes(), &want); got["time"] == nil {
		t.Error("JSON without a time")
	}
	delete(got, "time")
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("JSON:\n%s, want\n%s", &object, &objectWant)
	}
	if i := bytes.IndexByte(objectWant.Bytes(), ','); !bytes.HasSuffix(object.Bytes(), objectWant.Bytes()[i:]) {
		t.Errorf("JSON is written otherwise:\n%s, want\n%s", &object, &objectWant)
	}
}
