//go:build linux

package cluster

import (
	"path/filepath"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms/internal/disk"
)

func (s *Server) store() string { return filepath.Join(s.dir, "store") }

// LoseDisk loses all that a server has kept. It must be down.
func (s *Server) LoseDisk(t testing.TB) {
	t.Helper()
	disk.Lose(t, s.store())
}

// Save copies the disks of servers that are all down. The function that it returns puts
// the copies in their place; all servers must be down then, too.
func (c *Cluster) Save(t testing.TB) (setBack func(t testing.TB)) {
	t.Helper()
	var restores []func(t testing.TB)
	for _, s := range c.Servers {
		restores = append(restores, disk.Save(t, s.store()))
	}
	return func(t testing.TB) {
		t.Helper()
		for _, restore := range restores {
			restore(t)
		}
	}
}
