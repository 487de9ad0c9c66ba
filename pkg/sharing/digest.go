package sharing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Digest names what processes must have in common to understand what they store for each other: the version of its
// form, and what it is about. It suits a name of a scan.
func Digest(version string, about any) string {
	text, err := json.Marshal(about)
	if err != nil { // a declaration can be marshalled
		panic(fmt.Sprintf("sharing: marshal %T: %v", about, err))
	}
	sum := sha256.Sum256(append([]byte(version), text...))
	return hex.EncodeToString(sum[:6])
}
