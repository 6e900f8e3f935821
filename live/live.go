// Package live serves a module for pages: a websocket that comes back by itself, with an
// outbox. The module is live.js; live.d.ts explains its names. The folder is also an npm
// package, for pages that are built.
//
//	m.Get("/live.js", live.Serve)
//	m.Get("/", func() string { return doctype + live.ImportMap("/live.js") + page })
//
// A script of the page then imports it by the name that the npm package has:
//
//	<script type="module">
//	import {Live} from "martini-sockets";
//	const live = new Live("/socket", {onmessage: show});
//	</script>
//
// Without an import map, such as under a Content-Security-Policy that forbids inline
// scripts, it imports "/live.js".
package live

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

//go:embed live.js
var module []byte

var hash = fmt.Sprintf("%x", sha256.Sum256(module))[:16]

// Serve answers a GET or HEAD with the module, wherever it is mounted. It sets an ETag.
// A browser keeps what it got from an [Address] for a year. At any other address it asks
// each time whether the module has changed.
func Serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", "text/javascript; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("ETag", `"`+hash+`"`)
	header.Set("Cache-Control", "no-cache")
	if r.URL.RawQuery == query {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(module))
}

var query = "v=" + hash

// Address returns the address of the module that [Serve] serves at path. It carries the
// module's hash, so it changes whenever the module does.
func Address(path string) string { return path + "?" + query }

// ImportMap returns the element of a page that lets its scripts import the module that
// [Serve] serves at path, as "martini-sockets". It must come before these scripts. A page
// that has an import map already puts the [Address] into that one.
func ImportMap(path string) string {
	imports := map[string]map[string]string{
		"imports": {"martini-sockets": Address(path)},
	}
	text, err := json.Marshal(imports) // which escapes <, > and &
	if err != nil {
		panic(err) // never: it is a map of strings
	}
	return `<script type="importmap">` + string(text) + "</script>\n"
}
