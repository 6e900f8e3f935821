package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// program is a block of Go that is a whole file.
var program = regexp.MustCompile("(?ms)^```go\n((?://[^\n]*\n)*package .*?)^```$")

// Contract 9.7: no program that we show lets one user hurt others. Each example is driven by
// apptest.Unhurt, and where users of a program on a page share a room, it is an example.
func TestProgramsAreDriven(t *testing.T) {
	examples, err := filepath.Glob("../example/*/main.go")
	if err != nil || len(examples) == 0 {
		t.Fatalf("Glob = %q, %v, want some", examples, err)
	}
	var driven []string
	for _, file := range append(examples, "../example/main.go") {
		driven = append(driven, read(t, file))
		if !strings.Contains(read(t, filepath.Dir(file)+"/*_test.go"), "apptest.Unhurt(") {
			t.Errorf("no test of %s calls apptest.Unhurt", file)
		}
	}
	pages, rooms := read(t, "*.md")+read(t, "../*.md"), 0
	for _, found := range program.FindAllStringSubmatch(pages, -1) {
		text := found[1]
		if strings.Contains(text, `/rooms"`) && strings.Contains(text, "<-chan ") {
			rooms++
			if !slices.Contains(driven, text) {
				t.Errorf("a page shows a program with rooms that is no example:\n%s", text)
			}
		}
	}
	if rooms == 0 {
		t.Error("no page shows a program with rooms, want that of the README")
	}
}

// read returns the text of all files of a pattern.
func read(t *testing.T, pattern string) (all string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("Glob(%s) = %q, %v, want some", pattern, files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all += string(text)
	}
	return all
}
