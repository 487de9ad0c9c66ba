package runner

import "ucorefs.io/maintenance/pkg/ellipsis"

// maxSample is the runes of one line of the sample: enough to recognise an item, few enough for a terminal and a log.
const maxSample = 200

// clipped is the sample with every line cut to maxSample.
func clipped(sample []string) (lines []string) {
	for _, line := range sample {
		lines = append(lines, ellipsis.Cut(line, maxSample))
	}
	return lines
}
