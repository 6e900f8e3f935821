package presence_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/presence"
)

// diary notes what the hook is told, and checks that it is called once at a time.
type diary struct {
	t     *testing.T
	block chan struct{} // the hook waits for it, if there is one

	mu    sync.Mutex
	busy  map[string]bool
	notes []string
}

func newDiary(t *testing.T) *diary { return &diary{t: t, busy: make(map[string]bool)} }

func (d *diary) hook(_ *presence.Presence[string], room string, changes []presence.Change[string]) {
	d.mu.Lock()
	if d.busy[room] {
		d.t.Errorf("the hook is called for %q while it runs for it", room)
	}
	d.busy[room] = true
	d.notes = append(d.notes, room+": "+described(changes))
	d.mu.Unlock()
	if d.block != nil {
		<-d.block
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy[room] = false
}

// described is changes as text: "+ann=1 -bob=2 ann=1>3".
func described(changes []presence.Change[string]) string {
	var text []string
	for _, c := range changes {
		switch {
		case c.Entered():
			text = append(text, "+"+c.Key+"="+values(c.After))
		case c.Left():
			text = append(text, "-"+c.Key+"="+values(c.Before))
		default:
			text = append(text, c.Key+"="+values(c.Before)+">"+values(c.After))
		}
	}
	return strings.Join(text, " ")
}

func (d *diary) want(want ...string) {
	d.t.Helper()
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.notes, want) {
		d.t.Errorf("the hook was told %q, want %q", d.notes, want)
	}
	d.notes = nil
}

// Contract 12.1: the hook is told who came, changed and left.
func TestPresenceChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary(t)
		p := presence.New(&presence.Options[string]{OnChange: d.hook})
		ann := enter(t, p, "lobby", "ann", "1")
		d.want("lobby: +ann=1")
		enter(t, p, "lobby", "ann", "2")
		d.want("lobby: ann=1>1,2")
		ann.Update("3")
		d.want("lobby: ann=1,2>3,2")
		ann.Leave()
		d.want("lobby: ann=3,2>2")
		p.Close()
		d.want()
	})
}

// Contract 12.1: one call at a time for each room, and a slow hook holds up neither other
// rooms nor anything else. What happens meanwhile is told together, each person once.
func TestPresenceSlowHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary(t)
		d.block = make(chan struct{})
		p := presence.New(&presence.Options[string]{OnChange: d.hook})
		ann := enter(t, p, "lobby", "ann", "1")
		d.want("lobby: +ann=1")
		enter(t, p, "attic", "bob", "2")
		d.want("attic: +bob=2")

		ann.Leave()
		enter(t, p, "lobby", "ann", "3") // back before the hook knows that she was away
		enter(t, p, "lobby", "bob", "4")
		enter(t, p, "lobby", "eve", "5").Leave()
		cleo := enter(t, p, "lobby", "cleo", "6")
		cleo.Update("7")
		wantList(t, "meanwhile it", p, "lobby", "ann=3 bob=4 cleo=7")
		d.want()
		close(d.block)
		d.want("lobby: ann=1>3 +bob=4 +cleo=7")
		p.Close()
	})
}

// What the hook does not know yet does not pile up: it is the people, not the changes.
func TestPresenceStuckHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary(t)
		d.block = make(chan struct{})
		p := presence.New(&presence.Options[string]{OnChange: d.hook})
		ann := enter(t, p, "lobby", "ann", "1")
		synctest.Wait()
		for i := range 1000 {
			enter(t, p, "lobby", fmt.Sprint("guest ", i), "x").Leave()
			ann.Update(fmt.Sprint(i))
		}
		close(d.block)
		d.want("lobby: +ann=1", "lobby: ann=1>999")
		p.Close()
	})
}

// The hook may use the presence, and Close waits for it, and ends it.
func TestPresenceHookAndClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls, over int
		p := presence.New(&presence.Options[string]{
			OnChange: func(p *presence.Presence[string], room string, _ []presence.Change[string]) {
				calls++
				v, err := p.Enter("other", fmt.Sprint(p.Len(room)), "x") // and so on, for ever
				if err == nil {
					v.Leave()
					enter(t, p, "lobby", fmt.Sprint("guest ", calls), "x")
				}
				time.Sleep(time.Second)
				if room == "lobby" {
					over++
				}
			},
		})
		enter(t, p, "lobby", "ann", "1")
		time.Sleep(10*time.Second + time.Millisecond)
		p.Close()
		at := over
		time.Sleep(time.Minute)
		if over != at || over < 5 {
			t.Errorf("the hook ended %d times before Close returned, then %d, want several, then none",
				at, over-at)
		}
	})
}

// Contract 12.1: what the hook does not know yet when Close is called it is not told.
func TestPresenceCloseEndsTheHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary(t)
		d.block = make(chan struct{})
		p := presence.New(&presence.Options[string]{OnChange: d.hook})
		enter(t, p, "lobby", "ann", "1")
		d.want("lobby: +ann=1")
		enter(t, p, "lobby", "bob", "2")
		time.AfterFunc(time.Second, func() { close(d.block) })
		p.Close()
		d.want()
	})
}

// Contract 9.9: a hook that panics, or ends its goroutine, costs the changes of one call.
func TestPresenceHookPanics(t *testing.T) {
	for what, meet := range map[string]func(){
		"panic: disco": func() { panic("disco") }, "runtime.Goexit was called": runtime.Goexit,
	} {
		synctest.Test(t, func(t *testing.T) {
			told := make(chan error, 1)
			p := presence.New(&presence.Options[string]{
				OnChange: func(*presence.Presence[string], string, []presence.Change[string]) { meet() },
				OnError:  func(err error) { told <- err; meet() },
			})
			defer p.Close()
			for range 2 {
				v := enter(t, p, "lobby", "ann", "x")
				synctest.Wait()
				if text := (<-told).Error(); !strings.Contains(text, `report changes in "lobby": `+what) ||
					!strings.Contains(text, "change_test.go:") {
					t.Errorf("OnError(%s), want %s with its file", text, what)
				}
				v.Leave()
				synctest.Wait()
				<-told
			}
		})
	}
}
