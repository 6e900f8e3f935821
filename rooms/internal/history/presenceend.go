package history

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// soon is how long a message takes on a good network, with what brokers need to notice
// that it is good again, in beats.
const soon = 1

// round mends the network, and checks what must be true after three beats. While they
// pass, people still come and go, a process may be killed, and one closed.
func (c *census) round() {
	c.mend()
	time.Sleep(soon * c.beat())
	if c.rand.IntN(2) == 0 {
		c.note(c.kill())
	}
	for range 3 {
		c.note(c.enter(3))
		c.note(c.leave())
		time.Sleep(c.beat() / 2)
	}
	time.Sleep(3 * c.beat() / 2)
	c.await("all list those who are there", c.lateness(), c.wrong)
	if c.rand.IntN(2) == 0 {
		c.note(c.end((*home).close))
		time.Sleep(c.beat() / 50)
		c.await("people of a closed process are gone at once", c.lateness(), c.wrong)
	}
}

// lateness is how long a check may be late: not at all in simulated time, and for as long
// as it takes on a machine that has other things to do.
func (c *census) lateness() time.Duration {
	if !c.network.real() {
		return 0
	}
	return max(patience, c.network.Slowest)
}

// wrong says what is wrong with the lists, "" if nothing is.
func (c *census) wrong() string {
	living := c.living()
	first := living[0].lists()
	if reason := differ(anyOrder(first), c.expected()); reason != "" {
		return fmt.Sprintf("process %d: %s", living[0].id, reason)
	}
	for _, h := range living {
		if reason := differ(h.lists(), first); reason != "" {
			return fmt.Sprintf("process %d, compared to %d: %s", h.id, living[0].id, reason)
		}
		if reason := differ(sorted(h.mirrored()), sorted(first)); reason != "" {
			return fmt.Sprintf("process %d, by the hook: %s", h.id, reason)
		}
	}
	if c.calm {
		return c.disturbed()
	}
	return ""
}

// disturbed says what was told though nothing was broken.
func (c *census) disturbed() string {
	told := make(map[int][]error)
	for _, h := range c.living() {
		told[h.id] = h.errors()
	}
	return c.network.undue(told)
}

// expected is what should be listed, without the order of the lists.
func (c *census) expected() []string {
	held := make(map[string][]string)
	for _, h := range c.living() {
		for _, s := range h.here {
			person := fmt.Sprintf("%q %s", s.room, s.key)
			held[person] = append(held[person], s.visitor.ID()+"="+s.value)
		}
	}
	var lines []string
	for person, visits := range held {
		lines = append(lines, person+" "+strings.Join(sorted(visits), " "))
	}
	return sorted(lines)
}

// anyOrder sorts lines, and the visits in each.
func anyOrder(lines []string) []string {
	var all []string
	for _, line := range lines {
		fields := strings.Split(line, " ")
		n := slices.IndexFunc(fields, func(f string) bool { return strings.Contains(f, "=") })
		all = append(all, strings.Join(append(fields[:n:n], sorted(fields[n:])...), " "))
	}
	return sorted(all)
}

func sorted(lines []string) []string {
	lines = slices.Clone(lines)
	slices.Sort(lines)
	return lines
}

func differ(got, want []string) string {
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return fmt.Sprintf("lists %d, want %d, such as %s", len(got), len(want), want[i])
		case i >= len(want):
			return fmt.Sprintf("lists %d, want %d, not %s", len(got), len(want), got[i])
		case got[i] != want[i]:
			return fmt.Sprintf("lists %s, want %s", got[i], want[i])
		}
	}
	return ""
}

// closeAll closes everything, and looks what is left.
func (c *census) closeAll() {
	for _, h := range c.living() {
		h.close()
	}
	c.await("nothing is left", patience, c.network.left)
}
