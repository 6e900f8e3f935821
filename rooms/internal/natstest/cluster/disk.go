//go:build linux

package cluster

import (
	"os"
	"path/filepath"
	"testing"
)

func (s *Server) store() string { return filepath.Join(s.dir, "store") }

// LoseDisk loses all that a server has kept. It must be down.
func (s *Server) LoseDisk(t testing.TB) {
	t.Helper()
	if err := os.RemoveAll(s.store()); err != nil {
		t.Fatalf("RemoveAll = %v, want no error", err)
	}
}

// Disks is what the servers had on their disks once.
type Disks []string

// Save copies the disks of servers that are all down.
func (c *Cluster) Save(t testing.TB) (saved Disks) {
	t.Helper()
	for _, s := range c.Servers {
		saved = append(saved, t.TempDir())
		copyAll(t, saved[len(saved)-1], s.store())
	}
	return saved
}

// SetBack puts what was saved into the place of what there is. All must be down.
func (c *Cluster) SetBack(t testing.TB, saved Disks) {
	t.Helper()
	for i, s := range c.Servers {
		s.LoseDisk(t)
		copyAll(t, s.store(), saved[i])
	}
}

func copyAll(t testing.TB, to, from string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatalf("CopyFS = %v, want no error", err)
	}
}
