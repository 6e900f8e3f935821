// Width fails when a line of a Go comment, or of a Markdown file, is over 100 columns. A
// line that cannot be broken may be: a row of a table, a single word such as a link, a
// directive of the compiler, and what an example prints. A tab counts for four columns.
package main

import (
	"fmt"
	"go/scanner"
	"go/token"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

const limit = 100

var (
	// table is a row of a table in Markdown.
	table = regexp.MustCompile(`^\s*\|`)
	// mark is what begins a line, and has to stay with its first word: the mark of a
	// comment, of an item of a list, of a quotation, of a link's address.
	mark = regexp.MustCompile(`^\s*(//\s*)?([-*>]|\d+\.|\[[^]]*\]:)?\s*`)
	// directive is a comment that is not for people.
	directive = regexp.MustCompile(`^//(go:|line |export |lint:|nolint)`)
	output    = regexp.MustCompile(`(?i)^//\s*(unordered )?output:`)
)

// breakable reports whether a line is too long, and has a blank where it could be broken.
func breakable(line string) bool {
	if utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    ")) <= limit {
		return false
	}
	return strings.Contains(strings.TrimSpace(mark.ReplaceAllString(line, "")), " ")
}

// markdown returns the numbers of the lines that are too long.
func markdown(text []byte) []int {
	var long []int
	for i, line := range strings.Split(string(text), "\n") {
		if !table.MatchString(line) && breakable(line) {
			long = append(long, i+1)
		}
	}
	return long
}

// comments returns the numbers of the lines of a Go file that hold a comment and are too
// long.
func comments(text []byte) []int {
	lines := strings.Split(string(text), "\n")
	files := token.NewFileSet()
	file := files.AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, scanner.ScanComments)
	var long []int
	last, printed := 0, 0 // lines: of the last comment, and of the last that shows output
	for {
		at, kind, literal := s.Scan()
		if kind == token.EOF {
			return long
		}
		if kind != token.COMMENT || directive.MatchString(literal) {
			continue
		}
		first := file.Line(at)
		if output.MatchString(literal) || printed == first-1 {
			printed = first
			continue
		}
		for n := max(first, last+1); n <= first+strings.Count(literal, "\n"); n++ {
			if breakable(lines[n-1]) {
				long = append(long, n)
			}
			last = n
		}
	}
}

// tooLong returns the numbers of the lines of a file that are too long.
func tooLong(path string) ([]int, error) {
	check := map[string]func([]byte) []int{".md": markdown, ".go": comments}[filepath.Ext(path)]
	if check == nil {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	return check(text), err
}

func main() {
	failed := false
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == ".git":
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		long, err := tooLong(path)
		for _, n := range long {
			fmt.Printf("%s:%d: over %d columns\n", path, n, limit)
			failed = true
		}
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	if failed {
		os.Exit(1)
	}
}
