package librarytest

// below is what is in all directories that can be reached downwards from each, itself included, where direct is what is
// directly in one. Unless the recount is recursive it is direct itself.
func (r recount) below(direct tally) tally {
	if !r.recursive {
		return direct
	}
	children, sums := r.subdirectories(), tally{}
	for _, dir := range r.docs[directoryRecords] {
		for one := range reachable(idOf(dir), children) {
			sums[idOf(dir)] += direct[one]
		}
	}
	return sums
}

// subdirectories are the Keys of the directories whose parent_id each is.
func (r recount) subdirectories() map[string][]string {
	children := map[string][]string{}
	for _, dir := range r.docs[directoryRecords] {
		if parent := dir.Lookup("parent_id"); refers(parent) {
			children[Key(parent)] = append(children[Key(parent)], idOf(dir))
		}
	}
	return children
}

// reachable are a directory and every directory below it.
func reachable(id string, children map[string][]string) map[string]bool {
	seen, next := map[string]bool{id: true}, []string{id}
	for len(next) > 0 {
		at := next[0]
		next = next[1:]
		for _, sub := range children[at] {
			if !seen[sub] {
				seen[sub] = true
				next = append(next, sub)
			}
		}
	}
	return seen
}
