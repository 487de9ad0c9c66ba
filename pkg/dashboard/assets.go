package dashboard

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
)

// assetHandler serves the style sheet and the script, which hold nothing of anybody's. A browser asks each time whether
// it has the newest, and gets it only where it has not.
func assetHandler() http.Handler {
	assets, err := fs.Sub(files, "assets")
	if err != nil {
		panic(err) // a defect of the program
	}
	tags := tagsOf(assets)
	serve := http.StripPrefix("/assets/", http.FileServerFS(assets))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tag, ok := tags[path.Base(r.URL.Path)]
		if !ok { // a list of the folder, for one
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", tag)
		serve.ServeHTTP(w, r)
	})
}

// tagsOf are what tells the versions of the files apart, by their names.
func tagsOf(assets fs.FS) map[string]string {
	tags := map[string]string{}
	found, err := fs.Glob(assets, "*")
	for _, name := range found {
		var content []byte
		if content, err = fs.ReadFile(assets, name); err != nil {
			break
		}
		sum := sha256.Sum256(content)
		tags[name] = `W/"` + hex.EncodeToString(sum[:8]) + `"`
	}
	if err != nil {
		panic(err) // a defect of the program
	}
	return tags
}
