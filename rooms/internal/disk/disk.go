// Package disk copies and loses what the server of a test keeps in a folder. The server
// must be down.
package disk

import (
	"os"
	"testing"
)

// Lose leaves an empty folder.
func Lose(t testing.TB, folder string) {
	t.Helper()
	if err := os.RemoveAll(folder); err != nil {
		t.Fatalf("RemoveAll = %v, want no error", err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatalf("Mkdir = %v, want no error", err)
	}
}

// Save copies a folder, and returns what puts the copy into its place.
func Save(t testing.TB, folder string) (restore func(t testing.TB)) {
	t.Helper()
	saved := t.TempDir()
	copyAll(t, saved, folder)
	return func(t testing.TB) {
		t.Helper()
		Lose(t, folder)
		copyAll(t, folder, saved)
	}
}

func copyAll(t testing.TB, to, from string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatalf("CopyFS = %v, want no error", err)
	}
}
