package runner

// maxSample is the runes of one line of the sample: enough to recognise an item, few enough for a terminal and a log.
const maxSample = 200

// clipped is the sample with every line cut to maxSample.
func clipped(sample []string) []string {
	var lines []string
	for _, line := range sample {
		lines = append(lines, clip(line))
	}
	return lines
}

func clip(line string) string {
	runes := []rune(line)
	if len(runes) <= maxSample {
		return line
	}
	return string(runes[:maxSample-1]) + "…"
}
