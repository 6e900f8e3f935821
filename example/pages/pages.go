// Package pages has the pages of the chat, with their scripts and styles.
package pages

import (
	"archive/tar"
	"crypto/sha256"
	"embed"
	"fmt"
	"net/http"
)

//go:embed *.html *.js *.css *.svg room
var files embed.FS

// policy lets pages load what is ours, connect to where they came from, and nothing more.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Handler serves the pages. A browser that has one asks whether it has changed.
func Handler() http.HandlerFunc {
	hash := sha256.New()
	tar.NewWriter(hash).AddFS(files)
	tag := fmt.Sprintf(`"%x"`, hash.Sum(nil))
	server := http.FileServerFS(files)
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("ETag", tag)
		h.Set("Cache-Control", "no-cache")
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer") // addresses have names of rooms
		server.ServeHTTP(w, r)
	}
}
