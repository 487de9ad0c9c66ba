package folder

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// holder names the process that has locked a file, as far as the kernel shows it: it hides processes of other
// containers. A line of /proc/locks is, for example, "1: FLOCK  ADVISORY  WRITE 4711 08:01:1835 0 EOF".
func holder(stat unix.Stat_t) string {
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return ""
	}
	inode := fmt.Sprintf("%02x:%02x:%d", unix.Major(stat.Dev), unix.Minor(stat.Dev), stat.Ino)
	for line := range strings.Lines(string(locks)) {
		if f := strings.Fields(line); len(f) > 5 && f[1] == "FLOCK" && f[5] == inode && f[4] != "0" && f[4] != "-1" {
			return "process " + f[4] + program(f[4])
		}
	}
	return ""
}

// program is the name of a process's program in brackets. Its arguments may hold a secret and are not looked at.
func program(pid string) string {
	name, err := os.ReadFile("/proc/" + pid + "/comm")
	if err != nil {
		return ""
	}
	return " (" + strings.TrimSpace(string(name)) + ")"
}
