// Package record remembers which process is a cluster's supervisor, and decides whether that process still is.
//
// A process id alone may have been given to somebody else's process since; together with its start time and the
// boot id it names one process for ever. Nothing but a process that matches all three is ever killed.
package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// Record is what DIR/cluster.json holds.
type Record struct {
	Name      string `json:"name"`
	PID       int    `json:"pid"`
	StartTime string `json:"startTime"` // in clock ticks since boot, as /proc/PID/stat has it
	BootID    string `json:"bootID"`
	APIPort   int    `json:"apiPort"` // on 127.0.0.1 of the host
}

// ErrNone says that there is no record.
var ErrNone = errors.New("no cluster is recorded here")

// Of makes the record of a running process.
func Of(name string, pid, apiPort int) (Record, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Record{}, fmt.Errorf("look at process %d: %w", pid, err)
	}
	s, err := parseStat(string(stat))
	return Record{Name: name, PID: pid, StartTime: s.start, BootID: bootID(), APIPort: apiPort}, err
}

// Alive reports whether the recorded process itself is running.
func (r Record) Alive() bool {
	s, same := r.look()
	return same && s.state != "Z" && s.state != "X" && !s.ending
}

// Same reports whether the recorded process is there, be it a zombie. A process of several threads already shows as
// a zombie while the last of them is still ending, so this is what to ask before waiting for the end.
func (r Record) Same() bool {
	_, same := r.look()
	return same
}

func (r Record) look() (s status, same bool) {
	if r.PID <= 0 || r.BootID != bootID() {
		return s, false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.PID))
	if err != nil {
		return s, false
	}
	s, err = parseStat(string(stat))
	return s, err == nil && s.start == r.StartTime
}

// status is what /proc/PID/stat tells of a process: its fields 3, 9 and 22.
type status struct {
	state  string
	ending bool // as the first process of a cluster is until all others have ended; it has no namespaces any more
	start  string
}

// flagExiting is the kernel's PF_EXITING.
const flagExiting = 0x4

// parseStat reads a status. Field 2, the command in parentheses, may itself hold spaces and parentheses.
func parseStat(stat string) (status, error) {
	fields := strings.Fields(stat[strings.LastIndex(stat, ")")+1:])
	if len(fields) < 20 {
		return status{}, fmt.Errorf("too few fields in process status %q", stat)
	}
	flags, err := strconv.ParseUint(fields[6], 10, 64)
	if err != nil {
		return status{}, fmt.Errorf("flags in process status: %w", err)
	}
	if _, err := strconv.ParseUint(fields[19], 10, 64); err != nil {
		return status{}, fmt.Errorf("start time in process status: %w", err)
	}
	return status{state: fields[0], ending: flags&flagExiting != 0, start: fields[19]}, nil
}

func bootID() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id))
}

// Load reads a record; ErrNone when there is none.
func Load(path string) (Record, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Record{}, ErrNone
	}
	if err != nil {
		return Record{}, fmt.Errorf("read the cluster's record: %w", err)
	}
	var r Record
	if err := json.Unmarshal(data, &r); err != nil {
		return Record{}, fmt.Errorf("parse the cluster's record %s: %w", path, err)
	}
	return r, nil
}

// Save writes a record atomically: a reader sees the old one or the new one.
func (r Record) Save(path string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the cluster's record: %w", err)
	}
	if err := os.WriteFile(path+".tmp", append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the cluster's record: %w", err)
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return fmt.Errorf("write the cluster's record: %w", err)
	}
	return nil
}
