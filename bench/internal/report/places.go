package report

import (
	"fmt"
	"os"
	"strings"
)

// The marks around a place in a Markdown file that the bench fills in.
const (
	placeBegin = "<!-- bench: %s -->\n"
	placeEnd   = "<!-- bench: end -->"
)

// Place returns what stands between the marks of a place, and false where there are none.
func Place(text, name string) (content string, ok bool) {
	begin, end, ok := place(text, name)
	if !ok {
		return "", false
	}
	return text[begin:end], true
}

// Fill puts content between the marks of a place. A text without such a place stays as it
// is.
func Fill(text, name, content string) string {
	begin, end, ok := place(text, name)
	if !ok {
		return text
	}
	return text[:begin] + content + text[end:]
}

func place(text, name string) (begin, end int, ok bool) {
	mark := fmt.Sprintf(placeBegin, name)
	at := strings.Index(text, mark)
	if at < 0 {
		return 0, 0, false
	}
	begin = at + len(mark)
	length := strings.Index(text[begin:], placeEnd)
	return begin, begin + length, length >= 0
}

// Update fills the places of a file, and writes nothing where all have their content
// already.
func Update(file string, places map[string]string) error {
	before, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	after := string(before)
	for name, content := range places {
		after = Fill(after, name, content)
	}
	if after == string(before) {
		return nil
	}
	return os.WriteFile(file, []byte(after), 0o644)
}
