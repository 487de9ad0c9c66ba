package logrotation

import "fmt"

// reopen is the advice for a program that keeps writing to a file after its rotation.
const reopen = "make its program reopen its log, or use --log-copy-truncate"

// programs are warnings about the program that writes a log.
func (f facts) programs(l log) (warnings []string) {
	if l.live == nil {
		return nil
	}
	if nuls := f.sights[l.path].nuls; nuls > 0 {
		warnings = append(warnings, fmt.Sprintf("%s starts with %d NUL bytes, which are ignored: "+
			"its program does not append, so that truncation leaves a hole; make it open its log in append mode",
			shown(l.path), nuls))
	}
	if l.live.Size > 0 || len(l.generations) == 0 {
		return warnings
	}
	if newest := l.generations[0].plain; newest != nil && newest.Modified.After(l.live.Modified) {
		warnings = append(warnings, fmt.Sprintf("%s was written after the rotation of %s: %s",
			shown(newest.Path), shown(l.path), reopen))
	}
	return warnings
}
