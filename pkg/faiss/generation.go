package faiss

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"

	"golang.org/x/sys/unix"
)

// generation is the present generation, where there is none the newest, and a number for the next one: above that of
// every other, and free.
func (b *Build) generation() (previous string, number uint64, err error) {
	folder := Folder{disk: b.disk}
	previous, err = folder.presentGeneration(b.place)
	var damaged *DamagedError
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.As(err, &damaged) { // a link that leads nowhere is replaced
		return "", 0, err
	}
	names, err := b.disk.Names(b.place.generations())
	if err != nil {
		return "", 0, err
	}
	for _, name := range names {
		n, ok := generationNumber(name)
		if ok, err = b.isGeneration(name, ok); err != nil {
			return "", 0, err
		}
		if ok {
			number = max(number, n)
		}
	}
	if previous == "" {
		previous = generationName(number)
	}
	for number++; slices.Contains(names, generationName(number)); number++ {
	}
	return previous, number, nil
}

// isGeneration tells whether a folder with a number for a name is a generation: its sidecar has the same number, and
// there is nothing else in it than the two files. A folder that a person made and called by a date is none, which this
// user may not even be able to read, and neither is a generation into which a person put something.
func (b *Build) isGeneration(name string, numbered bool) (bool, error) {
	if !numbered {
		return false, nil
	}
	h, err := b.disk.Open(b.place.sidecar(name))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, fs.ErrPermission) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer h.Close()
	header := make([]byte, sidecarSize)
	switch _, err := io.ReadFull(h, header); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return false, nil
	case err != nil:
		return false, err
	}
	s, err := parseSidecar(header)
	if err != nil || generationName(s.Generation) != name {
		return false, nil
	}
	return b.holdsNothingElse(name)
}

func (b *Build) holdsNothingElse(generation string) (bool, error) {
	names, err := b.disk.Names(path.Join(b.place.generations(), generation))
	if errors.Is(err, fs.ErrPermission) {
		return false, nil
	}
	return !slices.ContainsFunc(names, func(name string) bool {
		return name != path.Base(b.place.index(generation)) && name != path.Base(b.place.sidecar(generation))
	}), err
}

// takeBack removes a generation to which the link current could not be led.
func (b *Build) takeBack(generation string) error {
	switch present, err := b.disk.Readlink(b.place.current()); {
	case errors.Is(err, fs.ErrNotExist), err == nil && present != generation:
		return b.removeGeneration(generation)
	}
	return nil // it may be the present one, and is removed by the next Build if it is not
}

// prune removes all generations but the present one and the one before it.
func (b *Build) prune(present, previous string) error {
	names, err := b.disk.Names(b.place.generations())
	if err != nil {
		return err
	}
	for _, name := range names {
		_, ok := generationNumber(name)
		if ok, err = b.isGeneration(name, ok && name != present && name != previous); err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := b.removeGeneration(name); err != nil {
			return err
		}
	}
	return nil
}

// removeGeneration first takes the generation's name away, so that the next Build knows what is left of it.
func (b *Build) removeGeneration(name string) error {
	if err := b.disk.Rename(path.Join(b.place.generations(), name), b.place.outgoing()); err != nil {
		return err
	}
	return remove(b.disk, b.place.outgoing(), path.Base(b.place.index(name)), path.Base(b.place.sidecar(name)))
}
