package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Log writes the lines of a log as [log/slog] does, which would make the program
// 95 kB larger.
type Log struct {
	Writer io.Writer
	JSON   bool // one object a line, rather than NAME=VALUE
}

// Say writes a line at any log level. As text it is a line like those of a report,
// and not of the log.
func (l Log) Say(text string) {
	if l.JSON {
		l.Write("WARN", text)
	} else {
		fmt.Fprintf(l.Writer, "azinject: %s\n", text)
	}
}

// Write writes a line in one piece. The attributes are names and values in turn.
func (l Log) Write(level, message string, attributes ...any) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	fields := append([]any{"time", time.Now().Format("2006-01-02T15:04:05.000Z07:00"), "level", level, "msg", message}, attributes...)
	for i := 0; i < len(fields); i += 2 {
		if l.JSON {
			fmt.Fprintf(&line, ",%q:", fields[i])
			encoder.Encode(fields[i+1])
			line.Truncate(line.Len() - 1) // the encoder ends a line
		} else {
			fmt.Fprintf(&line, " %s=%s", fields[i], Quoted(fmt.Sprint(fields[i+1])))
		}
	}
	text := line.String()[1:] // without the separator before the first
	if l.JSON {
		text = "{" + text + "}"
	}
	l.Writer.Write([]byte(text + "\n"))
}
