package main

import (
	"encoding/json"
	"os"
	"runtime"
)

// report is everything that was measured.
type report struct {
	Machine machine      `json:"machine"`
	Server  ms           `json:"server_ms"` // the server on its own
	Bare    []bareResult `json:"bare_client"`
	Cases   []result     `json:"cases"`
	Memory  []memory     `json:"memory"`
	Size    int64        `json:"binary_bytes"`
	Fleet   *fleetResult `json:"fleet,omitempty"`
	Budgets []budget     `json:"budgets"`

	Runs     int `json:"runs"`
	Repeated int `json:"repeated_runs"`
	Busy     int `json:"busy_runs"`
}

type machine struct {
	OS   string `json:"os"`
	Arch string `json:"arch"`
	CPUs int    `json:"cpus"`
	Go   string `json:"go"`
}

// bareResult is the bare client's time at a distance.
type bareResult struct {
	RoundTrip ms `json:"round_trip_ms"`
	Floor     ms `json:"floor_ms"`
	Median    ms `json:"median_ms"`
}

func here() machine {
	return machine{runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version()}
}

func (r *report) writeJSON(name string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(data, '\n'), 0o666)
}
