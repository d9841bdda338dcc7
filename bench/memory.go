package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
)

// memory is a program's peak physical memory, in bytes.
type memory struct {
	Program string `json:"program"`
	Peak    int64  `json:"peak_bytes"` // the median
}

// memorySecrets is the number of secrets when memory is measured.
const memorySecrets = 100

// measureMemory returns the memory that the programs need to get the secrets.
func measureMemory(all []program, directory string, runs int) ([]memory, error) {
	s, err := newSite(oneVault(memorySecrets, usual))
	if err != nil {
		return nil, err
	}
	defer s.close()
	var list []memory
	for _, p := range all {
		if !p.handles(s.workload) {
			continue
		}
		launched := p
		launched.argv = append([]string{filepath.Join(directory, "launch")}, p.argv...)
		var peaks []int64
		for range runs {
			peak, err := s.peak(launched)
			if err != nil {
				return nil, err
			}
			peaks = append(peaks, peak)
		}
		slices.Sort(peaks)
		list = append(list, memory{p.name, peaks[len(peaks)/2]})
	}
	return list, nil
}

func (s *site) peak(p program) (int64, error) {
	c := s.command(p)
	out, err := c.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := c.Start(); err != nil {
		return 0, err
	}
	text, err := io.ReadAll(out)
	if err != nil {
		return 0, err
	}
	if err := c.Wait(); err != nil {
		return 0, s.failure(p, err)
	}
	kib, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("launch: %w", err)
	}
	return kib << 10, nil
}
