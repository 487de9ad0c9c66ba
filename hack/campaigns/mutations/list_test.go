package mutations

// mutation takes one guard out. OFF in a new text is true in the process that runs with this mutation, and false in all
// others.
type mutation struct {
	guard    string // what the rule is, for a person
	file     string // below the module
	old, new string // the old text is there once
	campaign string // that has to fail
	test     string // of it, as -test.run wants it
	env      []string
	// open is why the campaign is not expected to fail yet; empty: it was seen to fail. MUTATIONS=all tries these, too.
	open string
}

// Reasons for which a mutation is open.
const (
	survives = "the campaign passed without the guard: another guard stands behind it, or the moment is too short to be hit"
	untried  = "it was not tried to the end"
)

// Campaigns, and what of them is enough to miss a guard.
const (
	crashes = "crashes"
	disks   = "disks"
	swaps   = "swaps"

	allSeeds   = "TestNoCrash"
	hostile    = "TestNoRecordIsLostInAnyHostileState"
	legitimate = "TestEveryLegitimateState"
	failing    = "TestNoRecordIsLostWhateverSystemCallFails"
)

// mutations are the guards of the safety rules.
var mutations = []mutation{
	{
		guard: "what a run takes is in the journal first", file: "pkg/mongodb/stores/journaled.go",
		old: "if err := j.record(ctx, collection, b.entries); err != nil {",
		new: "if OFF {\n} else if err := j.record(ctx, collection, b.entries); err != nil {", campaign: crashes, test: allSeeds,
	}, {
		guard: "references into an empty collection stay", file: "pkg/tasks/cleanuporphanedrecords/task.go",
		old: "found.EmptyTargets(found.Removable)", new: "found.EmptyTargets(func(i int) bool { return !OFF && found.Removable(i) })", campaign: crashes, test: allSeeds,
	}, {
		guard: "a plan above the cap is refused", file: "pkg/tasks/guard.go",
		old: "if len(over) == 0 {", new: "if OFF || len(over) == 0 {",
		campaign: crashes, test: allSeeds,
	}, {
		guard: "a refused plan is not carried out", file: "pkg/runner/runner.go",
		old: "return v != nil && v.Outcome", new: "return !OFF && v != nil && v.Outcome", campaign: crashes, test: allSeeds,
	}, {
		guard: "the grace period counts by the server's clock", file: "pkg/runner/runner.go",
		old: "Now: r.clock, Elapsed:", new: "Now: map[bool]time.Time{false: r.clock, true: r.Now()}[OFF], Elapsed:",
		campaign: crashes, test: allSeeds,
	}, {
		guard: "a record waits until its grace period is over", file: "pkg/tasks/cleanuporphanedfilerecords/classify.go",
		old: "m.due = !s.now.Before(", new: "m.due = OFF || !s.now.Before(", campaign: crashes, test: allSeeds,
	}, {
		guard: "who refers to a record loses it first", file: "pkg/references/delete.go",
		old:      "cleared, err := r.For(mongodb.Targets(documents)).Clear(ctx, w, run, counts)",
		new:      "cleared, err := true, error(nil)\n\tif !OFF {\n\t\tcleared, err = r.For(mongodb.Targets(documents)).Clear(ctx, w, run, counts)\n\t}",
		campaign: crashes, test: allSeeds,
	}, {
		guard: "one run at a time holds the lock", file: "pkg/lock/lock.go",
		old: "if free || !excludes(", new: "if OFF || free || !excludes(", campaign: crashes, test: allSeeds,
	}, {
		open: survives, guard: "a run that lost the lock writes no more", file: "pkg/mongodb/lease.go",
		old: "\terr := l.d.locks().FindOne(ctx, this(l.own)).Err()", new: "\tif OFF {\n\t\treturn nil\n\t}\n\terr := l.d.locks().FindOne(ctx, this(l.own)).Err()",
		campaign: crashes, test: allSeeds,
	}, {
		guard: "a run's own lock is its own", file: "pkg/lock/lock.go",
		old: `return r.Run != "" &&`, new: `return !OFF && r.Run != "" &&`, campaign: crashes, test: allSeeds,
	}, {
		open: survives, guard: "a document that changed meanwhile is not deleted", file: "pkg/mongodb/write.go",
		old: "for name, v := range x.If {", new: "for name, v := range x.If {\n\t\tif OFF {\n\t\t\tcontinue\n\t\t}", campaign: crashes, test: allSeeds,
	}, {
		open: survives, guard: "a field that changed meanwhile is not overwritten", file: "pkg/mongodb/statement.go",
		old: "filter = append(filter, bson.E{Key: f.Name, Value: Is(f.Old)})",
		new: "if !OFF {\n\t\t\tfilter = append(filter, bson.E{Key: f.Name, Value: Is(f.Old)})\n\t\t}", campaign: crashes, test: allSeeds,
	}, {
		guard: "a restore leaves alone what was written since", file: "pkg/journal/journal.go",
		old: "case !gone && current == e.After:", new: "case !gone && (OFF || current == e.After):", campaign: crashes, test: allSeeds,
	}, {
		guard: "an embedding is queued once", file: "pkg/tasks/reprocessincompleteembeddings/execute.go",
		old: "if err := x.env.Checkpoints.Save(ctx, key(x.env), s); err != nil {",
		new: "if OFF {\n\t\t} else if err := x.env.Checkpoints.Save(ctx, key(x.env), s); err != nil {", campaign: crashes, test: allSeeds,
	},
	{
		open: untried, guard: "a root that is another one is not trusted", file: "pkg/roots/known.go",
		old: "func (k Known) Difference(now files.Identity) string {",
		new: "func (k Known) Difference(now files.Identity) string {\n\tif OFF {\n\t\treturn \"\"\n\t}", campaign: disks, test: hostile,
	}, {
		open: untried, guard: "a root of which nothing is alive is not trusted", file: "pkg/tasks/cleanuporphanedfilerecords/section.go",
		old: `r.trouble == "" && !r.isBare() && n.alive == 0 &&`, new: `!OFF && r.trouble == "" && !r.isBare() && n.alive == 0 &&`, campaign: disks, test: hostile,
	}, {
		open: untried, guard: "what was a mount point is unknown", file: "pkg/roots/roots.go",
		old: "func (t Tree) mountOf(file string) string {", new: "func (t Tree) mountOf(file string) string {\n\tif OFF {\n\t\treturn \"\"\n\t}\n\t",
		campaign: disks, test: hostile,
	}, {
		open: untried, guard: "nothing is looked for across a mount point", file: "pkg/files/files.go",
		old:      "Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV | unix.RESOLVE_NO_MAGICLINKS,",
		new:      "Resolve: map[bool]uint64{false: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV | unix.RESOLVE_NO_MAGICLINKS, true: unix.RESOLVE_BENEATH}[OFF],",
		campaign: disks, test: hostile,
	}, {
		open: untried, guard: "a recorded root of which nothing is alive is unknown", file: "pkg/tasks/cleanuporphanedfilerecords/section.go",
		old: `case c.missing > 0 && c.folder != ""`, new: `case !OFF && c.missing > 0 && c.folder != ""`, campaign: disks, test: legitimate,
	}, {
		open: untried, guard: "the disk is asked for the very name", file: "pkg/roots/roots.go",
		old: "switch found, err := t.Exists(file); {", new: "switch found, err := t.Exists(file); {\n\tcase OFF:\n\t\treturn Missing", campaign: disks, test: failing,
		env: []string{"SYSCALL_STRIDE=7"},
	}, {
		open: untried, guard: "a folder that cannot be listed is unknown", file: "pkg/roots/recheck.go",
		old: "\tif err != nil {\n\t\tk.raise(all, Unknown)", new: "\tif !OFF && err != nil {\n\t\tk.raise(all, Unknown)", campaign: disks, test: hostile,
	}, {
		open: untried, guard: "a name that was not UTF-8 is unknown", file: "pkg/roots/roots.go",
		old: "func Garbled(file string) bool { return", new: "func Garbled(file string) bool { return !OFF &&", campaign: disks, test: legitimate,
	}, {
		open: untried, guard: "a folder with a library's marker is no cache", file: "pkg/files/unsafe.go",
		old: "if _, err := os.Lstat(filepath.Join(at, Marker)); err == nil {", new: "if _, err := os.Lstat(filepath.Join(at, Marker)); !OFF && err == nil {",
		campaign: disks, test: "TestNoCleanerWorksOnALibrary",
	}, {
		open: untried, guard: "a folder that holds a library's marker is no cache", file: "pkg/files/worker.go",
		old: "if string(name) == Marker {", new: "if !OFF && string(name) == Marker {", campaign: disks, test: "TestNoCleanerWorksOnALibrary",
	},
	{
		open: untried, guard: "no link is followed", file: "pkg/files/files.go",
		old:      "fd, err := unix.Openat2(dir, name, &how)",
		new:      "if OFF {\n\t\t\thow.Flags, how.Resolve = how.Flags&^unix.O_NOFOLLOW, 0\n\t\t}\n\t\tfd, err := unix.Openat2(dir, name, &how)",
		campaign: swaps, test: "TestCacheCleanup",
	},
}
