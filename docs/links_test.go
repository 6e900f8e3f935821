package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	fence   = regexp.MustCompile("(?ms)^```.*?^```$")
)

// anchor is what a heading is called in a link, on GitHub.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case strings.ContainsRune("-_", r), r >= 'a' && r <= 'z', r >= '0' && r <= '9', r > 127:
			return r
		}
		return -1
	}, strings.ToLower(heading))
}

// hasAnchor reports whether a page has a heading of that name.
func hasAnchor(page, name string) bool {
	for _, found := range heading.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		if anchor(found[1]) == name {
			return true
		}
	}
	return false
}

// A link to a file of the repository, or to a heading of one, leads there.
func TestLinks(t *testing.T) {
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".md" {
			return err
		}
		page, err := os.ReadFile(path)
		for _, found := range link.FindAllStringSubmatch(fence.ReplaceAllString(string(page), ""), -1) {
			checkLink(t, path, found[1])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkLink(t *testing.T, from, to string) {
	t.Helper()
	if strings.Contains(to, "://") {
		return
	}
	file, name, _ := strings.Cut(to, "#")
	target := from
	if file != "" {
		target = filepath.Join(filepath.Dir(from), file)
	}
	info, err := os.Stat(target)
	if err != nil {
		t.Errorf("%s links to %s: %v", from, to, err)
		return
	}
	if name == "" || info.IsDir() {
		return
	}
	page, err := os.ReadFile(target)
	if err != nil || !hasAnchor(string(page), name) {
		t.Errorf("%s links to %s, which has no such heading", from, to)
	}
}
