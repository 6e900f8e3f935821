package live

import (
	"bytes"
	"compress/gzip"
	"path/filepath"
	"testing"
)

const most = 1500 // bytes, minified and compressed

func TestSize(t *testing.T) {
	t.Parallel()
	dir := install(t, "esbuild@0.28.2")
	esbuild := filepath.Join(dir, "node_modules/.bin/esbuild")
	minified := run(t, dir, esbuild, "live.js", "--bundle", "--minify", "--format=esm")
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(minified))
	w.Close()
	size := packed.Len()
	t.Logf("%d bytes, %d minified, %d compressed", len(module), len(minified), size)
	if size > most {
		t.Errorf("minified and compressed it is %d bytes, want at most %d", size, most)
	}
}

// The types fit each other, and refuse what is wrong.
func TestTypeScript(t *testing.T) {
	t.Parallel()
	dir := install(t, "typescript@7.0.2")
	tsc := filepath.Join(dir, "node_modules/.bin/tsc")
	run(t, dir, tsc, "types.ts", "--noEmit", "--strict", "--exactOptionalPropertyTypes",
		"--target", "es2022", "--lib", "es2022,dom", "--types", "", "--module", "nodenext")
}

func TestSyntax(t *testing.T) {
	t.Parallel()
	dir := install(t, "acorn@8.15.0")
	acorn := filepath.Join(dir, "node_modules/.bin/acorn")
	run(t, dir, acorn, "live.js", "--ecma2022", "--module", "--silent")
}
