package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// folders are where the demo keeps everything: absolute paths below one folder.
type folders struct {
	database, library, cache, logs, indexes string
}

// marker is the file that tells a folder of the demo from any other; it is also the lock.
const marker = "made-by-make-demo"

// makeFolders makes dir and empty folders in it. It refuses a folder with anything in it that the demo did not make,
// and one that another demo works in; release lets the next demo in.
func makeFolders(dir string) (f folders, release func(), err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return f, nil, fmt.Errorf("find the demo's folder: %w", err)
	}
	release, err = claim(dir)
	if err != nil {
		return f, nil, err
	}
	f = folders{
		database: filepath.Join(dir, "database"), library: filepath.Join(dir, "library"),
		cache: filepath.Join(dir, "cache"), logs: filepath.Join(dir, "logs"), indexes: filepath.Join(dir, "indexes"),
	}
	for _, path := range []string{f.database, f.library, f.cache, f.logs, f.indexes} {
		if err := errors.Join(os.RemoveAll(path), os.MkdirAll(path, 0o755)); err != nil {
			release()
			return f, nil, fmt.Errorf("make an empty %s: %w", path, err)
		}
	}
	return f, release, nil
}

// claim makes dir the demo's, and this process's alone.
func claim(dir string) (release func(), err error) {
	entries, _ := os.ReadDir(dir)
	mark := filepath.Join(dir, marker)
	if _, err := os.Stat(mark); len(entries) > 0 && err != nil {
		return nil, fmt.Errorf("%s holds files that are not the demo's: name an empty folder with --dir", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the demo's folder: %w", err)
	}
	lock, err := os.OpenFile(mark, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("mark the demo's folder: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, fmt.Errorf("another demo works in %s: wait for its end, or name another folder with --dir", dir)
	}
	return func() { lock.Close() }, nil
}

const (
	cacheFiles, oldCacheFiles = 60, 18 // of these, unused for longer than cache-cleanup keeps them
	logFiles, keptLogs        = 16, 10 // one for each start of the application; what log-rotation keeps by default
	cacheDays                 = 30     // what cache-cleanup keeps by default
)

// writeCacheAndLogs makes thumbnails and log files as the application leaves them.
func writeCacheAndLogs(f folders, now time.Time) error {
	for i := range cacheFiles {
		age := time.Duration(i) * time.Hour
		if i < oldCacheFiles {
			age += 2 * cacheDays * 24 * time.Hour
		}
		path := filepath.Join(f.cache, "thumbnails", "ab", fmt.Sprintf("%02x", i%4), fmt.Sprintf("%024x_256.jpg", i))
		if err := writeAged(path, 8<<10, now.Add(-age)); err != nil {
			return err
		}
	}
	for i := range logFiles {
		started := now.AddDate(0, 0, -3*i-1)
		path := filepath.Join(f.logs, "app_"+started.Format("2006-01-02_15-04-05")+".log")
		if err := writeAged(path, 2<<10, started); err != nil {
			return err
		}
	}
	return nil
}

// writeAged makes a file of so many bytes that was last used at that time.
func writeAged(path string, size int, at time.Time) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	if err := errors.Join(os.WriteFile(path, make([]byte, size), 0o644), os.Chtimes(path, at, at)); err != nil {
		return fmt.Errorf("make a file: %w", err)
	}
	return nil
}
