package mutations

// mutation takes one guard out. OFF in a new text is true in the process that runs with this mutation, and false in all
// others.
type mutation struct {
	guard    string // what the rule is, for a person
	file     string // below the module
	old, new string // the old text is there once
	campaign string // that has to fail: a folder below hack/campaigns, or a package from there
	test     string // of it, as -test.run wants it
}

// Campaigns, and what of them is enough to miss a guard.
const (
	crashes = "crashes"
	disks   = "disks"
	swaps   = "swaps"

	// Packages whose own tests miss a guard that no campaign can take out.
	claims  = "../../pkg/cronjob"
	folders = "../../pkg/files"
	stored  = "../../pkg/mongodb/stores"

	logLines   = "TestNoLineIsLostInAnyStateOfALogFolder"
	indexes    = "TestAnIndexIsWholeInAnyStateOfItsFolder"
	served     = "TestNoRecordIsLostOnADiskThatAProgramServes"
	allSeeds   = "TestNoCrash"
	hostile    = "TestNoRecordIsLostInAnyHostileState"
	legitimate = "TestEveryLegitimateState"
)

// mutations are the guards of the safety rules.
var mutations = []mutation{
	{
		guard: "what a run takes is in the journal first", file: "pkg/mongodb/stores/journaled.go",
		old: "if err := j.record(ctx, collection, b.entries); err != nil {",
		new: "if OFF {\n} else if err := j.record(ctx, collection, b.entries); err != nil {", campaign: crashes,
		test: allSeeds,
	}, {
		guard: "references into an empty collection stay", file: "pkg/tasks/cleanuporphanedrecords/task.go",
		old: "found.EmptyTargets(found.Removable)",
		new: "found.EmptyTargets(func(i int) bool { return !OFF && found.Removable(i) })", campaign: crashes, test: allSeeds,
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
		guard: "the disk is looked at once more before records go", file: "pkg/tasks/cleanuporphanedfilerecords/delete.go",
		old: "if verdicts[i] == roots.Missing {", new: "if OFF || verdicts[i] == roots.Missing {", campaign: crashes,
		test: allSeeds,
	}, {
		guard: "a record waits until its grace period is over", file: "pkg/tasks/cleanuporphanedfilerecords/plan.go",
		old: "case now.Before(noted.Add(grace)):", new: "case !OFF && now.Before(noted.Add(grace)):", campaign: crashes,
		test: allSeeds,
	}, {
		guard: "who refers to a record loses it first", file: "pkg/references/delete.go",
		old: "cleared, err := r.For(mongodb.Targets(documents)).Clear(ctx, w, run, counts)",
		new: "cleared, err := true, error(nil)\n\tif !OFF {\n\t\tcleared, err = " +
			"r.For(mongodb.Targets(documents)).Clear(ctx, w, run, counts)\n\t}",
		campaign: crashes, test: allSeeds,
	}, {
		guard: "one run at a time holds the lock", file: "pkg/lock/lock.go",
		old: "if free || !excludes(", new: "if OFF || free || !excludes(", campaign: crashes, test: allSeeds,
	}, {
		guard: "a run that lost the lock writes no more", file: "pkg/mongodb/lease.go",
		old:      "\terr := l.d.locks().FindOne(ctx, this(l.own)).Err()",
		new:      "\tif OFF {\n\t\treturn nil\n\t}\n\terr := l.d.locks().FindOne(ctx, this(l.own)).Err()",
		campaign: crashes, test: allSeeds,
	}, {
		guard: "a run's own lock is its own", file: "pkg/lock/lock.go",
		old: `return r.Run != "" &&`, new: `return !OFF && r.Run != "" &&`, campaign: crashes, test: allSeeds,
	}, {
		guard: "a document that changed meanwhile is not deleted", file: "pkg/mongodb/write.go",
		old:      "\tif x.As != nil {\n\t\treturn append(",
		new:      "\tif OFF {\n\t\treturn filter\n\t}\n\tif x.As != nil {\n\t\treturn append(",
		campaign: crashes, test: allSeeds,
	}, {
		guard: "a document to which something was added meanwhile is not deleted", file: "pkg/mongodb/stores/comparison.go",
		old: "\tif inWhole {", new: "\tif inWhole && !OFF {", campaign: crashes, test: allSeeds,
	}, {
		guard: "a field that changed meanwhile is not overwritten", file: "pkg/mongodb/statement.go",
		old: "filter = append(filter, bson.E{Key: f.Name, Value: Is(f.Old)})",
		new: "if !OFF {\n\t\t\tfilter = append(filter, bson.E{Key: f.Name, Value: Is(f.Old)})\n\t\t}", campaign: crashes,
		test: allSeeds,
	}, {
		guard: "a restore leaves alone what was written since", file: "pkg/journal/journal.go",
		old: "case !gone && current == e.After:", new: "case !gone && (OFF || current == e.After):", campaign: crashes,
		test: allSeeds,
	}, {
		guard: "an embedding is queued once", file: "pkg/tasks/reprocessincompleteembeddings/execute.go",
		old: "if err := x.env.Checkpoints.Save(ctx, key(x.env), s); err != nil {",
		new: "if OFF {\n\t\t} else if err := x.env.Checkpoints.Save(ctx, key(x.env), s); err != nil {", campaign: crashes,
		test: allSeeds,
	},
	{
		guard: "a root that is another one is not trusted", file: "pkg/roots/known.go",
		old: "func (k Known) Difference(now files.Identity) string {",
		new: "func (k Known) Difference(now files.Identity) string {\n\tif OFF {\n\t\treturn \"\"\n\t}", campaign: disks,
		test: hostile,
	}, {
		guard: "a root of which nothing is alive is not trusted", file: "pkg/presence/section.go",
		old: `r.Trouble == "" && !r.isBare() && n.Alive == 0 &&`,
		new: `!OFF && r.Trouble == "" && !r.isBare() && n.Alive == 0 &&`, campaign: disks, test: hostile,
	}, {
		guard: "what was a mount point is unknown", file: "pkg/roots/roots.go",
		old:      "func (t Tree) mountOf(file string) string {",
		new:      "func (t Tree) mountOf(file string) string {\n\tif OFF {\n\t\treturn \"\"\n\t}\n\t",
		campaign: disks, test: hostile,
	}, {
		guard: "mount points that a refused run met are remembered", file: "pkg/presence/root.go",
		old: `return next, r.Known.Path != "" &&`, new: `return next, !OFF && r.Known.Path != "" &&`, campaign: disks,
		test: hostile,
	}, {
		guard: "an empty folder of a new root is unknown", file: "pkg/presence/recheck.go",
		old: `return r.New() &&`, new: `return !OFF && r.New() &&`, campaign: disks, test: "TestAnEmptyFolder",
	}, {
		guard: "only the state that a person saw is accepted", file: "pkg/presence/root.go",
		old: `digest != "" && digest == allow`, new: `digest != "" && (OFF || digest == allow)`, campaign: disks,
		test: hostile,
	}, {
		guard: "a folder whose names are encrypted is unknown", file: "pkg/files/encrypted.go",
		old: "if err != nil || st.Attributes", new: "if OFF || err != nil || st.Attributes", campaign: folders,
		test: "TestAnEncryptedFolder",
	}, {
		guard: "the volumes of another schedule are not cleaned", file: "pkg/cronjob/protected.go",
		old: "if deletesFrom(v, other.Volume) {", new: "if !OFF && deletesFrom(v, other.Volume) {",
		campaign: claims, test: "TestTheVolumesOfOtherSchedules",
	}, {
		guard: "the library of the same schedule is not cleaned", file: "pkg/cronjob/overlap.go",
		old: "if deletesFrom(v, other) {", new: "if !OFF && deletesFrom(v, other) {",
		campaign: claims, test: "TestAFolderThatIsCleaned",
	}, {
		guard: "what a restore put back is not put back again", file: "pkg/mongodb/stores/restore.go",
		old: "\tif e.restored {", new: "\tif !OFF && e.restored {", campaign: stored, test: "TestASecondRestore",
	}, {
		guard: "a document that cannot be put back stops no other", file: "pkg/mongodb/stores/restore.go",
		old: "case isDocuments(err):", new: "case !OFF && isDocuments(err):", campaign: stored,
		test: "TestAnEntryThatIsDamaged",
	}, {
		guard: "nothing is looked for across a mount point", file: "pkg/files/files.go",
		old: "Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV | " +
			"unix.RESOLVE_NO_MAGICLINKS,",
		new: "Resolve: map[bool]uint64{false: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV " +
			"| unix.RESOLVE_NO_MAGICLINKS, true: unix.RESOLVE_BENEATH}[OFF],",
		campaign: disks, test: hostile,
	}, {
		guard: "a recorded root of which nothing is alive is unknown", file: "pkg/presence/section.go",
		old: `case c.Missing > 0 && c.folder != ""`, new: `case !OFF && c.Missing > 0 && c.folder != ""`, campaign: disks,
		test: legitimate,
	}, {
		guard: "the disk is asked for the very name", file: "pkg/roots/roots.go",
		old: "switch found, err := t.Exists(file); {",
		new: "switch found, err := t.Exists(file); {\n\tcase OFF:\n\t\treturn Missing", campaign: disks, test: served,
	}, {
		guard: "a folder that cannot be listed is unknown", file: "pkg/roots/recheck.go",
		old: "\tif err != nil {\n\t\tk.raise(all, Unknown)", new: "\tif !OFF && err != nil {\n\t\tk.raise(all, Unknown)",
		campaign: disks, test: served,
	}, {
		guard: "a name that was not UTF-8 is unknown", file: "pkg/roots/roots.go",
		old: "func Garbled(file string) bool { return", new: "func Garbled(file string) bool { return !OFF &&",
		campaign: disks, test: legitimate,
	}, {
		guard: "a folder with a library's marker is no cache", file: "pkg/files/unsafe.go",
		old:      "if _, err := os.Lstat(filepath.Join(at, Marker)); err == nil {",
		new:      "if _, err := os.Lstat(filepath.Join(at, Marker)); !OFF && err == nil {",
		campaign: disks, test: "TestNoCleanerWorksOnALibrary",
	}, {
		guard: "a folder that holds a library's marker is no cache", file: "pkg/files/worker.go",
		old: "if string(name) == Marker {", new: "if !OFF && string(name) == Marker {", campaign: disks,
		test: "TestNoCleanerWorksOnALibrary",
	},
	{
		guard: "a root without a marker needs more than half of its files", file: "pkg/roots/basis.go",
		old: "case k.weak() && 2*there <= n:", new: "case !OFF && k.weak() && 2*there <= n:", campaign: disks, test: served,
	}, {
		guard: "a log whose owner cannot be kept stays", file: "pkg/files/create.go",
		old: "if made.UID != like.UID || made.GID != like.GID || made.Mode != like.Mode {",
		new: "if !OFF && (made.UID != like.UID || made.GID != like.GID || made.Mode != like.Mode) {", campaign: disks,
		test: logLines,
	}, {
		guard: "a log whose access control lists cannot be kept stays", file: "pkg/files/create.go",
		old:      "if err := keepAccessLists(fd, lists); err != nil {",
		new:      "if err := keepAccessLists(fd, lists); !OFF && err != nil {",
		campaign: folders, test: "TestAListOfAnyKind",
	}, {
		guard: "a hole is not copied", file: "pkg/logfile/rotate.go",
		old: "_, err = files.SkipNULs(from)", new: "if !OFF {\n\t\t_, err = files.SkipNULs(from)\n\t}", campaign: disks,
		test: logLines,
	}, {
		guard: "a compressed file of another is no copy", file: "pkg/logfile/compress.go",
		old: "case same:", new: "case same || OFF && found:", campaign: disks, test: logLines,
	}, {
		guard: "what a program has open is not compressed", file: "pkg/files/writing.go",
		old:      "func (r *Root) Writing(e Entry) Writing {",
		new:      "func (r *Root) Writing(e Entry) Writing {\n\tif OFF {\n\t\treturn NotWritten\n\t}",
		campaign: disks, test: logLines,
	}, {
		guard: "what is mounted where an index is built stays", file: "pkg/faiss/build.go",
		old: "if mounted {", new: "if mounted && !OFF {", campaign: disks, test: indexes,
	}, {
		guard: "only files of its own are removed from a generation", file: "pkg/faiss/build.go",
		old: "if !slices.Contains(own, name) {", new: "if !OFF && !slices.Contains(own, name) {", campaign: disks,
		test: indexes,
	}, {
		guard: "a folder that a person made is no generation", file: "pkg/faiss/generation.go",
		old:      "if err != nil || generationName(s.Generation) != name {",
		new:      "if err != nil || !OFF && generationName(s.Generation) != name {",
		campaign: disks, test: indexes,
	},
	{
		guard: "no link is followed", file: "pkg/files/files.go",
		old: "fd, err := unix.Openat2(dir, name, &how)",
		new: "if OFF {\n\t\t\thow.Flags, how.Resolve = how.Flags&^unix.O_NOFOLLOW, 0\n\t\t}\n\t\tfd, err := " +
			"unix.Openat2(dir, name, &how)",
		campaign: swaps, test: "TestLogRotation",
	},
}
