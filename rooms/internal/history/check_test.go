package history

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// tale is a history made by hand, in one room. m1 was acknowledged at 1-a, m2 at 2-a.
type tale struct {
	*history
	visits []*visit
	faults []string
}

func newTale(t *testing.T, w World) *tale {
	tl := &tale{history: &history{run: &run{t: t}, world: w, ledger: newLedger(w)}}
	tl.failed = func(args ...any) { tl.faults = append(tl.faults, fmt.Sprint(args...)) }
	tl.say("m1", "1-a", nil)
	tl.say("m2", "2-a", nil)
	return tl
}

func (tl *tale) say(id, at string, err error) {
	tl.ledger.said(&saying{room: roomNames[0], id: id, at: at, err: err})
}

// visit is one of a client that joins at the last of what it missed, and then gets the
// rest. Both are lists of ids and positions: "m1 1-a m2 2-a".
func (tl *tale) visit(after, missedList, joined string, complete bool, liveList, ended string) {
	v := &visit{client: &client{room: roomNames[0]}, process: &process{},
		after: after, ended: ended}
	v.missed = missed{Position: joined, Complete: complete}
	for _, text := range texts(missedList) {
		v.missed.Messages = append(v.missed.Messages,
			rooms.Said[*Text]{Value: text, Position: text.At})
	}
	v.life = tl.ledger.joined(roomNames[0], v.missed)
	v.live = texts(liveList)
	for _, text := range v.live {
		tl.ledger.saw(roomNames[0], text)
	}
	tl.visits = append(tl.visits, v)
}

func upTo(number uint64) map[string]uint64 {
	return map[string]uint64{roomNames[0]: number}
}

func texts(list string) (all []*Text) {
	fields := strings.Fields(list)
	for i := 0; i+1 < len(fields); i += 2 {
		all = append(all, &Text{ID: fields[i], At: fields[i+1]})
	}
	return all
}

func TestCheck(t *testing.T) {
	failed := errors.New("failed")
	tests := []struct {
		name  string
		world World
		tell  func(tl *tale)
		want  string // "" if nothing is wrong
	}{
		{name: "all live", tell: func(tl *tale) {
			tl.visit("", "", "0-b", false, "m1 1-a m2 2-a", "")
		}},
		{name: "all missed", tell: func(tl *tale) {
			tl.visit("1-a", "m2 2-a", "2-a", true, "", "")
		}},
		{name: "complete without one", want: "complete without 2-a m2",
			tell: func(tl *tale) {
				tl.say("m3", "3-a", nil)
				tl.visit("1-a", "m3 3-a", "3-a", true, "", "")
				tl.visit("1-a", "m2 2-a m3 3-a", "3-a", true, "", "")
			}},
		{name: "complete without the last", want: "complete without 2-a m2",
			tell: func(tl *tale) {
				tl.visit("1-a", "", "2-a", true, "", "left")
				tl.visit("1-a", "m2 2-a", "2-a", true, "", "left")
			}},
		{name: "complete after nothing", want: `"" is of no entry`, tell: func(tl *tale) {
			tl.visit("", "m1 1-a m2 2-a", "2-a", true, "", "")
		}},
		{name: "complete after a stranger", want: `"1-x" is of no entry`,
			tell: func(tl *tale) {
				tl.visit("1-x", "m2 2-a", "2-a", true, "", "")
			}},
		{name: "complete after what was lost", want: `"2-a" is of no entry`,
			tell: func(tl *tale) {
				tl.visit("1-a", "m2 2-a", "2-a", true, "", "left")
				tl.ledger.begin(upTo(1))
				tl.say("m3", "2-c", nil)
				tl.visit("2-a", "", "2-c", true, "", "left")
			}},
		{name: "complete after what was kept", tell: func(tl *tale) {
			tl.visit("1-a", "m2 2-a", "2-a", true, "", "left")
			tl.ledger.begin(upTo(1))
			tl.say("m3", "2-c", nil)
			tl.visit("1-a", "m3 2-c", "2-c", true, "", "left")
		}},
		{name: "goes on after a loss", want: "2-a, which the log has lost",
			tell: func(tl *tale) {
				tl.ledger.begin(upTo(math.MaxUint64)) // nothing is lost by this
				tl.ledger.begin(upTo(1))
				tl.say("m3", "3-c", nil)
				tl.visit("", "", "0-b", false, "m1 1-a m2 2-a m3 3-c", "left")
			}},
		{name: "not complete", want: "not complete, want complete", tell: func(tl *tale) {
			tl.visit("1-a", "m2 2-a", "2-a", false, "", "")
		}},
		{name: "not complete, as some were dropped", world: World{Dropped: true},
			tell: func(tl *tale) {
				tl.dropped = true
				tl.visit("1-a", "m2 2-a", "2-a", false, "", "")
			}},
		{name: "a gap live", want: "missed 2-a m2", tell: func(tl *tale) {
			tl.say("m3", "3-a", nil)
			tl.visit("", "", "0-b", false, "m1 1-a m3 3-a", "left")
			tl.visit("1-a", "m2 2-a m3 3-a", "3-a", true, "", "left")
		}},
		{name: "from where the log was emptied", tell: func(tl *tale) {
			tl.dropped = true
			tl.visit("", "", "0-b", false, "m1 1-a m2 2-a", "told of a gap")
			tl.say("m3", "3-a", nil)
			tl.say("m4", "4-a", nil)
			tl.say("m5", "5-a", nil)
			tl.visit("0-b", "", "0-c", false, "m3 3-a m4 4-a m5 5-a", "")
		}},
		{name: "a gap after the log was emptied", want: "missed 4-a m4", tell: func(tl *tale) {
			tl.dropped = true
			tl.visit("", "", "0-b", false, "m1 1-a m2 2-a", "told of a gap")
			tl.say("m3", "3-a", nil)
			tl.say("m4", "4-a", nil)
			tl.say("m5", "5-a", nil)
			tl.visit("0-b", "", "0-c", false, "m3 3-a m5 5-a", "")
		}},
		{name: "not to the end", tell: func(tl *tale) {
			tl.visit("", "", "0-b", false, "m1 1-a", "left")
		}},
		{name: "twice", want: "got 1-a after 1-a", tell: func(tl *tale) {
			tl.visit("", "", "0-b", false, "m1 1-a m1 1-a", "left")
		}},
		{name: "in another order", want: "got 1-a after 2-a", tell: func(tl *tale) {
			tl.visit("", "", "0-b", false, "m2 2-a m1 1-a", "left")
		}},
		{name: "shown to nobody", want: "missed 1-a m1",
			tell: func(tl *tale) {
				tl.visit("", "", "0-b", false, "m2 2-a", "left")
			}},
		{name: "an id twice", want: "m2 is at 2-a and at 3-a", tell: func(tl *tale) {
			tl.say("m2", "3-a", nil)
		}},
		{name: "two at one place", want: "at 2-a is m2 and m3", tell: func(tl *tale) {
			tl.say("m3", "2-a", nil)
		}},
		{name: "two of one number", want: "have one number", tell: func(tl *tale) {
			tl.say("m3", "2-b", nil)
		}},
		{name: "failed, and seen", want: "m3 was seen, though Say returned failed",
			tell: func(tl *tale) {
				tl.say("m3", "", failed)
				tl.visit("2-a", "", "2-a", true, "m3 3-a", "")
			}},
		{name: "uncertain, and seen", tell: func(tl *tale) {
			tl.say("m3", "", fmt.Errorf("%w: %w", rooms.ErrUncertain, failed))
			tl.visit("2-a", "", "2-a", true, "m3 3-a", "")
		}},
		{name: "lost by the servers", want: "what they have acknowledged of .*: they lost 2-a m2",
			world: World{Holds: func(string) (map[string]bool, error) {
				return map[string]bool{"m1": true}, nil
			}},
			tell: func(tl *tale) { tl.visit("1-a", "m2 2-a", "2-a", true, "", "left") }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tl := newTale(t, test.world)
			test.tell(tl)
			tl.check(tl.visits)
			got := strings.Join(tl.faults, "; ")
			if test.want == "" && got != "" || !regexp.MustCompile(test.want).MatchString(got) {
				t.Errorf("check found %q, want %q", got, test.want)
			}
		})
	}
}
