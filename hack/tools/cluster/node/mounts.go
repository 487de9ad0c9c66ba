package node

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/hack/tools/cluster/layout"
)

// frozen are the kernel settings the kubelet insists on and that no namespace holds. It is shown files with the
// values it wants, laid over the real ones in this mount namespace, so that the host's settings never change and
// nothing has to be restored.
var frozen = map[string]string{
	"vm/overcommit_memory":      "1",
	"vm/panic_on_oom":           "0",
	"kernel/panic":              "10",
	"kernel/panic_on_oops":      "1",
	"kernel/keys/root_maxkeys":  "1000000",
	"kernel/keys/root_maxbytes": "25000000",
}

// mountAll gives the components the directories they insist on: /run is empty and in memory, /var/lib and /var/log
// lie below the cluster's directory. Nothing else of the host's file system is written.
func mountAll(dir layout.Dir, tools string) error {
	binds, err := openAll(string(dir), tools)
	if err != nil {
		return err
	}
	defer closeAll(binds)
	if err := unix.Mount("tmpfs", "/run", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755"); err != nil {
		return fmt.Errorf("mount /run: %w", err)
	}
	for i, target := range []string{layout.Inside, layout.InsideTools} {
		// By descriptor: the path may lie below a directory that is hidden by now.
		if err := bind(fmt.Sprintf("/proc/self/fd/%d", binds[i].Fd()), target); err != nil {
			return err
		}
	}
	inside := layout.Dir(layout.Inside)
	for _, name := range []string{"lib", "log"} {
		if err := os.MkdirAll(inside.Data(name), 0o755); err != nil {
			return fmt.Errorf("make a data directory: %w", err)
		}
		if err := bind(inside.Data(name), filepath.Join("/var", name)); err != nil {
			return err
		}
	}
	return freeze(inside)
}

func openAll(paths ...string) ([]*os.File, error) {
	var files []*os.File
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			closeAll(files)
			return nil, fmt.Errorf("open %s: %w", path, err)
		}
		files = append(files, f)
	}
	return files, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

func bind(source, target string) error {
	if err := os.MkdirAll(target, 0o755); err != nil {
		return fmt.Errorf("make mount point %s: %w", target, err)
	}
	if err := unix.Mount(source, target, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("mount on %s: %w", target, err)
	}
	return nil
}

func freeze(dir layout.Dir) error {
	for name, value := range frozen {
		file, setting := dir.Data(filepath.Join("sysctl", name)), filepath.Join("/proc/sys", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return fmt.Errorf("make a settings directory: %w", err)
		}
		if err := os.WriteFile(file, []byte(value+"\n"), 0o644); err != nil {
			return fmt.Errorf("write a setting: %w", err)
		}
		if err := unix.Mount(file, setting, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("freeze %s: %w", setting, err)
		}
	}
	return nil
}
