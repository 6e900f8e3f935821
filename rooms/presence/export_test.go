package presence

// Rooms returns how many rooms a presence has in memory.
func Rooms[P any](p *Presence[P]) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.rooms)
}
