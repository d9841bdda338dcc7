package main

import (
	"fmt"
	"strconv"
	"time"
)

// ms is a duration that is printed and encoded in milliseconds.
type ms time.Duration

func (m ms) float() float64 { return float64(m) / float64(time.Millisecond) }

func (m ms) seconds() float64 { return time.Duration(m).Seconds() }

// String returns at least three significant digits.
func (m ms) String() string {
	decimals := 0
	switch {
	case m.float() < 10:
		decimals = 2
	case m.float() < 100:
		decimals = 1
	}
	return strconv.FormatFloat(m.float(), 'f', decimals, 64) + " ms"
}

// MarshalJSON encodes it as a number.
func (m ms) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%.3f", m.float()), nil }

func milliseconds(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }
