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
	minified := run(t, dir, esbuild, "--bundle", "--minify", "--format=esm", "live.js")
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(minified))
	w.Close()
	t.Logf("%d bytes, %d minified, %d compressed", len(module), len(minified), packed.Len())
	if packed.Len() > most {
		t.Errorf("the module is %d bytes, minified and compressed, want at most %d", packed.Len(), most)
	}
}

// The types fit each other, and refuse what is wrong.
func TestTypeScript(t *testing.T) {
	t.Parallel()
	dir := install(t, "typescript@7.0.2")
	tsc := filepath.Join(dir, "node_modules/.bin/tsc")
	run(t, dir, tsc, "--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022",
		"--module", "nodenext", "--lib", "es2022,dom", "--types", "", "types.ts")
}

func TestSyntax(t *testing.T) {
	t.Parallel()
	dir := install(t, "acorn@8.15.0")
	run(t, dir, filepath.Join(dir, "node_modules/.bin/acorn"), "--ecma2022", "--module", "--silent", "live.js")
}
