package main

import (
	"io"
	"log"
	"log/slog"
	"os"

	"azinject/resolve"
)

// startLogging sends to stderr what the settings ask for, which at the level
// error is nothing: failures are reported, not logged.
func (s *settings) startLogging() {
	slog.SetDefault(newLogger(os.Stderr, s.logJSON, s.logLevel))
	log.SetOutput(io.Discard) // which SetDefault has changed
}

func newLogger(w io.Writer, json bool, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if json {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// logSources says where every value came from, so that "which key does this
// replica have?" is answered by its log.
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
			attributes = append(attributes, "expires", source.Expires.UTC())
		}
		slog.Info("resolved", attributes...)
	}
}
