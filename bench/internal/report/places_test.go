package report

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFill(t *testing.T) {
	for _, tt := range []struct {
		name, text, want string
	}{
		{"filled", "a\n<!-- bench: cpu -->\nold\n<!-- bench: end -->\nb\n",
			"a\n<!-- bench: cpu -->\nnew\n<!-- bench: end -->\nb\n"},
		{"was empty", "<!-- bench: cpu -->\n<!-- bench: end -->\n",
			"<!-- bench: cpu -->\nnew\n<!-- bench: end -->\n"},
		{"another place", "<!-- bench: fan -->\nold\n<!-- bench: end -->\n",
			"<!-- bench: fan -->\nold\n<!-- bench: end -->\n"},
		{"no end", "<!-- bench: cpu -->\nold\n", "<!-- bench: cpu -->\nold\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Fill(tt.text, "cpu", "new\n"); got != tt.want {
				t.Errorf("Fill = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestUpdate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	const text = "<!-- bench: cpu -->\nold\n<!-- bench: end -->\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Update(file, map[string]string{"cpu": "new\n", "fan": "none\n"}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if place, _ := Place(string(got), "cpu"); err != nil || place != "new\n" {
		t.Errorf("Place after Update = %q, %v, want new", place, err)
	}
	if err := Update(file+".none", nil); err == nil {
		t.Error("Update of a file that is not there = nil, want an error")
	}
}
