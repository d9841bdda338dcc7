package main

import (
	"io"
	"log/slog"
	"time"

	"azinject/resolve"
)

func newLogger(w io.Writer, json bool, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if json {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// logSources logs where every value came from, so that the log answers which key
// a replica has.
func logSources(sources []resolve.Source) {
	for _, source := range sources {
		o := source.Reference.Object
		attributes := []any{"variable", source.Variable, "store", o.Store(), "name", o.Name}
		if part := source.Reference.PartName(); part != "" {
			attributes = append(attributes, "part", part)
		}
		if source.Version != "" {
			attributes = append(attributes, "version", source.Version)
		}
		if !source.Expires.IsZero() {
			attributes = append(attributes, "expires", expiry(source.Expires))
		}
		slog.Info("resolved", attributes...)
	}
}

// expiry returns when a secret expires as text. Key Vault takes any number of
// seconds, RFC 3339 and log/slog's JSON only the years up to 9999.
func expiry(t time.Time) string {
	const first, last = -62167219200, 253402300799 // of years with four digits
	return time.Unix(max(first, min(t.Unix(), last)), 0).UTC().Format(time.RFC3339)
}
