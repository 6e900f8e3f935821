package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// clause is a numbered promise of contract.md, and the tests that the page names for it.
type clause struct {
	number string
	tests  []string
}

var (
	section    = regexp.MustCompile(`^## (\d+)\. `)
	paragraph  = regexp.MustCompile(`^\*\*(\d+\.\d+)\*\* `)
	quotedTest = regexp.MustCompile("`(\\w+)`")
	testFunc   = regexp.MustCompile(`(?m)^((?://.*\n)*)func ((?:Test|Fuzz|Example|Benchmark)\w*)\(`)
	citation   = regexp.MustCompile(`(?i)\bcontract (\d+(?:\.\d+)?(?:(?:, | and | to )\d+(?:\.\d+)?)*)`)
	number     = regexp.MustCompile(`\d+(?:\.\d+)?`)
)

// clauses reads the page: sections and clauses in its order, each with the tests of the
// paragraphs "Tests: …" below it.
func clauses(page string) []*clause {
	var all []*clause
	listing := false
	for line := range strings.Lines(page) {
		for _, begin := range []*regexp.Regexp{section, paragraph} {
			if found := begin.FindStringSubmatch(line); found != nil {
				all = append(all, &clause{number: found[1]})
			}
		}
		listing = strings.TrimSpace(line) != "" && (listing || strings.HasPrefix(line, "Tests: "))
		if !listing {
			continue
		}
		last := all[len(all)-1]
		for _, name := range quotedTest.FindAllStringSubmatch(line, -1) {
			last.tests = append(last.tests, name[1])
		}
	}
	return all
}

// repository calls visit with each Go file of all modules.
func repository(t *testing.T, visit func(path, text string)) {
	t.Helper()
	if _, err := os.Stat("../bench/go.mod"); err != nil {
		t.Skip("no checkout of the whole repository")
	}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "testdata"):
			return fs.SkipDir
		case filepath.Ext(path) != ".go":
			return nil
		}
		text, err := os.ReadFile(path)
		visit(path, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func readContract(t *testing.T) []*clause {
	t.Helper()
	page, err := os.ReadFile("contract.md")
	if err != nil {
		t.Fatal(err)
	}
	return clauses(string(page))
}

// Each clause names a test, each test that is named exists in some module, and a test
// whose comment cites a clause is named there.
func TestClausesAreProved(t *testing.T) {
	cites := map[string]map[string]bool{} // of each test
	repository(t, func(path, text string) {
		if !strings.HasSuffix(path, "_test.go") {
			return
		}
		for _, found := range testFunc.FindAllStringSubmatch(text, -1) {
			comment, name := strings.ReplaceAll(found[1], "\n//", ""), found[2]
			if cites[name] == nil {
				cites[name] = map[string]bool{}
			}
			for _, cited := range citation.FindAllStringSubmatch(comment, -1) {
				for _, clause := range number.FindAllString(cited[1], -1) {
					cites[name][clause] = true
				}
			}
		}
	})
	all := readContract(t)
	for i, c := range all {
		hasClauses := i+1 < len(all) && strings.HasPrefix(all[i+1].number, c.number+".")
		if len(c.tests) == 0 && !hasClauses {
			t.Errorf("clause %s names no test", c.number)
		}
		for _, name := range c.tests {
			if cites[name] == nil {
				t.Errorf("clause %s names %s, which exists in no module", c.number, name)
			}
			delete(cites[name], c.number)
		}
		for name, unlisted := range cites {
			if unlisted[c.number] && !hasClauses {
				t.Errorf("%s cites clause %s, which does not name it", name, c.number)
			}
		}
	}
}

// A comment that cites the contract cites a clause that exists.
func TestCitedClausesExist(t *testing.T) {
	exists := map[string]bool{}
	for _, c := range readContract(t) {
		if exists[c.number] {
			t.Errorf("clause %s is there twice", c.number)
		}
		exists[c.number] = true
	}
	repository(t, func(path, text string) {
		for _, found := range citation.FindAllStringSubmatch(text, -1) {
			for _, cited := range number.FindAllString(found[1], -1) {
				if !exists[cited] {
					t.Errorf("%s cites contract %s, which does not exist", path, cited)
				}
			}
		}
	})
}

// The check itself: what counts as a clause, and as a test of it.
func TestClauses(t *testing.T) {
	page := "Tests are named.\n\n## 1. Handshake\n\n**1.1** Only GET, says `TestNot`.\n\n" +
		"Tests: `TestA`,\n`FuzzB`.\n\nNot `TestC`.\n\n**1.2** More.\n\n## 2. Options\n"
	got := ""
	for _, c := range clauses(page) {
		got += c.number + " " + strings.Join(c.tests, ",") + "; "
	}
	if want := "1 ; 1.1 TestA,FuzzB; 1.2 ; 2 ; "; got != want {
		t.Errorf("clauses = %q, want %q", got, want)
	}
}
