package library

import "fmt"

// Has tells whether the declaration has something in a section, such as counters. It panics for a section that no
// declaration can have.
func (l Library) Has(section string) bool {
	sections := map[string]bool{
		"references": len(l.References) > 0,
		"counters":   len(l.Counters) > 0,
		"mirrors":    len(l.Mirrors) > 0,
		"files":      l.Files != nil,
		"vectors":    l.Vectors != nil,
		"expiring":   len(l.Expiring) > 0,
		"busy":       len(l.Busy) > 0,
		"fileTypes":  l.FileTypes != nil,
		"incomplete": l.Incomplete != nil,
		"indexes":    len(l.Indexes) > 0,
	}
	filled, known := sections[section]
	if !known {
		panic(fmt.Sprintf("a declaration has no section %q: add it to Has in pkg/library/section.go", section))
	}
	return filled
}

// Nothing says why a task that is about a section has nothing to do; it is empty where the section is filled, and for
// the section "", which every library has.
func (l Library) Nothing(section string) string {
	if section == "" || l.Has(section) {
		return ""
	}
	return fmt.Sprintf("nothing to do: the declaration %s has no %s", l.Name, section)
}
