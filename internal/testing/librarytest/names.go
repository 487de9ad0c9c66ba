package librarytest

// oddNames are stems that real libraries hold; each is at most 60 bytes, valid UTF-8, and a legal name on Linux.
var oddNames = []string{
	"Caf\u00e9", "Cafe\u0301", // the same word in NFC and in NFD
	"\u00c5ngstr\u00f6m", "A\u030angstro\u0308m",
	"line\nbreak", "tab\there", " leading", "trailing ", "dots...", "..two dots", "-rf", "~", "*",
	"100%", "$price", "back\\slash", `"quoted"`, "it's", "a=b", "semi;colon",
	"日本語", "Привет", "עברית", "🐈\u200d⬛", "zero\u200bwidth", "right\u202eleft",
	"CON", "name:stream",
}

// name is plain, or an odd name that plain makes unique.
func (g *generator) name(plain string) string {
	if g.dirty("odd names") {
		return pick(g, oddNames) + " " + plain
	}
	return plain
}

// otherForm is a name in the other Unicode form where it has one of the known pairs in it, and whether it had.
func otherForm(name string) (string, bool) {
	for i := range 4 {
		if stem := oddNames[i]; len(name) > len(stem) && name[:len(stem)] == stem {
			return oddNames[i^1] + name[len(stem):], true
		}
	}
	return name, false
}
