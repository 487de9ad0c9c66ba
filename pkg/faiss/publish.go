package faiss

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// Publish writes the rest, checks the whole generation as it stands on disk, and makes it the present one. It returns
// the sidecar. Where it fails before the link current was replaced, the present generation is what it was; where it
// fails after that, the new one is present, and what is left over goes with the next Build.
func (b *Build) Publish() (Sidecar, error) {
	s, err := b.publish()
	if err != nil {
		return Sidecar{}, fmt.Errorf("publish the index of %s: %w", b.place, err)
	}
	return s, nil
}

func (b *Build) publish() (Sidecar, error) {
	previous, number, err := b.generation()
	if err != nil {
		return Sidecar{}, err
	}
	s, err := b.finish(number)
	if err != nil {
		return s, err
	}
	if err := b.promote(generationName(number)); err != nil {
		return s, err
	}
	// Whatever becomes of the names, the generations do not pile up.
	return s, errors.Join(b.linkNames(), b.prune(generationName(number), previous))
}

// finish writes both files to the end and checks them.
func (b *Build) finish(number uint64) (Sidecar, error) {
	if err := b.end(); err != nil {
		return Sidecar{}, fmt.Errorf("sync the index: %w", err)
	}
	index, err := b.checkIndex()
	if err != nil {
		return Sidecar{}, err
	}
	s := Sidecar{Generation: number, Dimension: index.Dimension, Count: index.Count, Index: index.Digest,
		Content: b.content.Sum()}
	if err := b.writeSidecar(s); err != nil {
		return s, err
	}
	if err := b.checkSidecar(s); err != nil {
		return s, err
	}
	if err := b.disk.Sync(b.place.temporary()); err != nil {
		return s, fmt.Errorf("sync the new generation: %w", err)
	}
	return s, nil
}

func (b *Build) writeSidecar(s Sidecar) error {
	h, err := b.disk.Create(b.place.sidecar(temporaryName))
	if err != nil {
		return err
	}
	if err := s.write(h, &b.ids); err != nil {
		return errors.Join(err, h.Close())
	}
	return errors.Join(h.Sync(), h.Close())
}

// promote gives the new generation its name and makes it the present one: the rename of the link is the one moment at
// which readers change over, to both files at once.
func (b *Build) promote(generation string) error {
	p := b.place
	if err := b.disk.Rename(p.temporary(), path.Join(p.generations(), generation)); err != nil {
		return err
	}
	if err := b.disk.Sync(p.generations()); err != nil { // the generation must be durable before the link to it
		return err
	}
	if err := b.link(generation, p.current()); err != nil {
		return errors.Join(err, b.takeBack(generation))
	}
	return b.disk.Sync(p.generations())
}

// link makes name a link to target in one step, whatever has that name now.
func (b *Build) link(target, name string) error {
	if err := b.disk.Symlink(target, b.place.incoming()); err != nil {
		return err
	}
	return b.disk.Rename(b.place.incoming(), name)
}

// linkNames makes the names in the index folder lead to the present generation. A file that another program wrote under
// such a name is kept in the folder before.
func (b *Build) linkNames() error {
	changed := false
	for name, target := range b.place.links() {
		if got, err := b.disk.Readlink(name); err == nil && got == target {
			continue
		}
		if err := b.keep(name); err != nil {
			return err
		}
		if err := b.link(target, name); err != nil {
			return err
		}
		changed = true
	}
	if !changed {
		return nil
	}
	return b.disk.Sync(".")
}

// keep gives a plain file a second name, before the first is replaced.
func (b *Build) keep(name string) error {
	info, err := b.disk.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil
	}
	if err != nil {
		return err
	}
	before := path.Join(b.place.generations(), beforeName)
	if err := b.disk.Mkdir(before); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := remove(b.disk, path.Join(before, name)); err != nil {
		return err
	}
	return b.disk.Link(name, path.Join(before, name))
}
