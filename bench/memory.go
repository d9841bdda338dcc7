package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
)

// memorySecrets is the number of secrets when memory is measured.
const memorySecrets = 100

// measureMemory returns the peak of the program's physical memory, in bytes: the
// median of some runs.
func measureMemory(p program, http2 bool, l *launcher, directory string) (float64, error) {
	s, err := newSite(oneVault(memorySecrets).over(http2), nil, l)
	if err != nil {
		return 0, err
	}
	defer s.close()
	p.argv = append([]string{filepath.Join(directory, "launch")}, p.argv...)
	var peaks []int64
	for range 5 {
		peak, err := s.peak(p)
		if err != nil {
			return 0, err
		}
		peaks = append(peaks, peak)
	}
	slices.Sort(peaks)
	return float64(peaks[len(peaks)/2]), nil
}

// peak runs the program, which launch runs, and returns what that prints.
func (s *site) peak(p program) (int64, error) {
	var out bytes.Buffer
	if _, err := s.execute(p, &out); err != nil {
		return 0, s.failure(p, err)
	}
	kib, err := strconv.ParseInt(out.String(), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("launch: %w", err)
	}
	return kib << 10, nil
}
