package roots

import (
	"context"
	"path"
	"slices"
	"strings"
)

// Look judges files, by their paths relative to the root, with fresh listings and by comparing names, and asks the
// disk for each that these lack. Each folder on the way is listed once, and only the names that are sought are held.
//
// Empty are, of each file, the folder that it lies in, or the next one above it that exists, where a complete listing
// of that folder gives no name at all; else empty. So a mount point looks whose disk is not mounted.
func Look(ctx context.Context, t Tree, files []string) (verdicts []Verdict, empty []string, err error) {
	k := look{tree: t, verdicts: slices.Repeat([]Verdict{Missing}, len(files)), empty: make([]string, len(files))}
	var all []wanted
	for i, file := range files {
		if t.mountOf(file) != "" || t.elsewhere(file) != "" {
			k.verdicts[i] = Unknown
		}
		all = append(all, wanted{at: i, rest: t.of(file)})
	}
	if err := k.below(ctx, ".", true, all); err != nil {
		return nil, nil, err // what was not looked for must not read as Missing
	}
	for i, file := range files {
		if k.verdicts[i] == Missing {
			k.verdicts[i] = t.ask(file)
		}
	}
	return k.verdicts, k.empty, nil
}

type look struct {
	tree     Tree
	verdicts []Verdict // they begin as Missing and only rise
	empty    []string
}

// wanted is a file that is looked for below some folder.
type wanted struct {
	at   int    // in verdicts
	rest string // of its path, in form
}

// branch is all that is sought under one name in a folder.
type branch struct {
	files   []wanted        // the name itself
	below   []wanted        // what lies in the folder of that name
	folders map[string]bool // those names on disk, and whether they may be folders
}

func (k *look) folder(ctx context.Context, folder string, all []wanted) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	branches, names := branchesOf(all), 0
	err := k.tree.list(folder, func(name string, isFolder bool) {
		names++
		if b := branches[k.tree.of(name)]; b != nil {
			b.folders[name] = isFolder
		}
	})
	if err != nil {
		k.raise(all, Unknown)
	} else if names == 0 {
		for _, s := range all {
			k.empty[s.at] = folder
		}
	}
	for _, b := range branches {
		if len(b.folders) > 0 {
			k.raise(b.files, Alive)
		}
		for name, isFolder := range b.folders {
			if err := k.below(ctx, path.Join(folder, name), isFolder, b.below); err != nil {
				return err
			}
		}
	}
	return nil
}

func (k *look) below(ctx context.Context, folder string, isFolder bool, all []wanted) error {
	switch {
	case len(all) == 0:
		return nil
	case !isFolder: // a symbolic link, or a file now: nothing was listed
		k.raise(all, Unknown)
		return nil
	}
	return k.folder(ctx, folder, all)
}

func (k *look) raise(all []wanted, v Verdict) {
	for _, s := range all {
		k.verdicts[s.at] = max(k.verdicts[s.at], v)
	}
}

func branchesOf(all []wanted) map[string]*branch {
	branches := map[string]*branch{}
	for _, s := range all {
		name, rest, deeper := strings.Cut(s.rest, "/")
		b := branches[name]
		if b == nil {
			b = &branch{folders: map[string]bool{}}
			branches[name] = b
		}
		if deeper {
			b.below = append(b.below, wanted{s.at, rest})
			continue
		}
		b.files = append(b.files, s)
	}
	return branches
}
