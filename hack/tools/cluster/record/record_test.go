package record

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestParseStat(t *testing.T) {
	line := func(command, flags string) string {
		return "12 " + command + " 1 2 3 4 5 " + flags + " 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21"
	}
	tests := map[string]struct {
		stat string
		want status
	}{
		"a plain name":                       {line("(etcd) S", "4194560"), status{"S", false, "4711"}},
		"a name with spaces and parentheses": {line("(a) Z (b) c) R", "4194560"), status{"R", false, "4711"}},
		"a zombie":                           {line("(etcd) Z", "4228356"), status{"Z", true, "4711"}},
		"one that waits for others to end":   {line("(cluster) S", "4194564"), status{"S", true, "4711"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := parseStat(test.stat); err != nil || got != test.want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	for name, stat := range map[string]string{
		"nothing":   "",
		"cut short": "12 (etcd) S 1 2",
		"no flags":  line("(a) S", "x"),
		"no number": "1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 x",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parseStat(stat); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestARecordNamesOneProcessOnly(t *testing.T) {
	self, err := Of("dev", os.Getpid(), 1)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*Record)) Record { r := self; change(&r); return r }
	tests := map[string]struct {
		r     Record
		alive bool
	}{
		"the process itself":                  {self, true},
		"its id, given to a later process":    {with(func(r *Record) { r.StartTime += "0" }), false},
		"its id and time from another boot":   {with(func(r *Record) { r.BootID = "another" }), false},
		"no process yet":                      {with(func(r *Record) { r.PID = 0 }), false},
		"an id that no process can ever have": {with(func(r *Record) { r.PID = 1 << 30 }), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.r.Alive() != test.alive || test.r.Same() != test.alive {
				t.Errorf("alive %t, same %t, want %t", test.r.Alive(), test.r.Same(), test.alive)
			}
		})
	}
}

func TestAZombieIsNotAliveButStillThere(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r, err := Of("dev", cmd.Process.Pid, 1)
	if err != nil || !r.Alive() {
		t.Fatalf("alive %t, %v", r.Alive(), err)
	}
	_ = cmd.Process.Kill()
	for r.Alive() {
	}
	if !r.Same() {
		t.Error("not the same before it was waited for")
	}
	_ = cmd.Wait()
	if r.Same() {
		t.Error("the same after it was waited for")
	}
}

func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cluster.json")
	if _, err := Load(path); !errors.Is(err, ErrNone) {
		t.Errorf("no file: %v", err)
	}
	want := Record{Name: "dev", PID: 7, StartTime: "9", BootID: "b", APIPort: 1234}
	if err := want.Save(path); err != nil {
		t.Fatal(err)
	}
	if got, err := Load(path); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
}
