package natsrooms

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// newMender makes a mender of a link with a subscription. told returns what rooms were
// told since it was called last.
func newMender(t *testing.T, connect func() (*nats.Conn, error)) (
	m *mender, p *pipe, told func() []error,
) {
	t.Helper()
	p, nc := connectPipe(t)
	l := newLink(nc, connect)
	if _, err := l.subscribe(newSubscription()); err != nil {
		t.Fatalf("subscribe = %v, want no error", err)
	}
	var losses []error
	m = &mender{link: l, told: make(map[*subscription]bool),
		tell: func(_ string, loss error) { losses = append(losses, loss) }}
	return m, p, func() []error {
		all := losses
		losses = nil
		return all
	}
}

// A refusal is told once while it lasts, and again if there is another one later.
func TestMendTellsOnce(t *testing.T) {
	m, p, told := newMender(t, nil)
	p.refuses.Store(true)
	m.link.hear(errRefused)
	for range 3 {
		m.next = time.Time{}
		m.look()
	}
	if got := told(); len(got) != 1 || !errors.Is(got[0], nats.ErrPermissionViolation) {
		t.Errorf("told %v, want the refusal once", got)
	}
	p.refuses.Store(false)
	m.next = time.Time{}
	m.look()
	m.look()
	if got := told(); !slices.Equal(got, []error{ErrOutage}) {
		t.Errorf("told %v, want that it is over", got)
	}
	m.link.hear(errRefused)
	m.look()
	if got := told(); !slices.Equal(got, []error{errRefused, ErrOutage}) {
		t.Errorf("told %v, want the next refusal, and that it is over", got)
	}
}

// Contract 10.9: a room whose right was taken away is not told that it hears again while
// the connection is down. Nobody answers a subscription then.
func TestMendWhileDown(t *testing.T) {
	m, p, told := newMender(t, nil)
	m.link.hear(errRefused)
	p.down.Store(true)
	nc := m.link.conn()
	if err := nc.ForceReconnect(); err != nil {
		t.Fatalf("ForceReconnect = %v, want no error", err)
	}
	for nc.IsConnected() {
		time.Sleep(time.Millisecond)
	}
	m.look()
	if got := told(); !slices.Equal(got, []error{errRefused}) {
		t.Errorf("told %v, want the refusal only", got)
	}
}

// A mender does not try before its pause is over. The pauses grow up to the last, and
// begin anew when all is well.
func TestMendPauses(t *testing.T) {
	m, p, _ := newMender(t, nil)
	p.refuses.Store(true)
	m.link.hear(errRefused)
	var pauses []time.Duration
	for range 7 {
		m.look()
		next := m.next
		m.look()
		if m.next != next {
			t.Fatal("the mender has tried before its pause was over")
		}
		pauses = append(pauses, m.pause)
		m.next = time.Time{}
	}
	want := []time.Duration{1, 2, 4, 8, 16, 30, 30}
	for i := range want {
		want[i] *= time.Second
	}
	if !slices.Equal(pauses, want) {
		t.Errorf("the pauses were %v, want %v", pauses, want)
	}
	p.refuses.Store(false)
	m.look()
	if m.pause != 0 {
		t.Errorf("the pause is %v after it was mended, want none", m.pause)
	}
	m.after(false)
	m.look() // nothing is refused
	if m.pause != 0 {
		t.Errorf("the pause is %v when all is well, want none", m.pause)
	}
}

// Contract 10.10: a connection that is closed for good is replaced by one that works. Its
// errors are heard, and its breaks are counted on.
func TestReplace(t *testing.T) {
	_, closed := connectPipe(t)
	closed.Close()
	_, works := connectPipe(t)
	tries := []struct {
		nc   *nats.Conn
		err  error
		want bool
	}{{nil, errors.New("no"), false}, {nil, nil, false}, {closed, nil, false}, {works, nil, true}}
	i := 0
	m, _, _ := newMender(t, func() (*nats.Conn, error) { return tries[i].nc, tries[i].err })
	m.link.conn().Close()
	m.link.now.Store(&connection{nc: m.link.conn(), earlier: 5})
	for ; i < len(tries); i++ {
		if got := m.replace(); got != tries[i].want {
			t.Errorf("try %d: replaced %v, want %v", i, got, tries[i].want)
		}
	}
	if breaks, gone := m.link.Look(); m.link.conn() != works || breaks != 6 || gone != nil {
		t.Errorf("%d breaks, gone %v, want 6, and the new connection", breaks, gone)
	}
	works.ErrorHandler()(works, nil, errRefused)
	if got := m.link.nowRefused(); len(got) != 1 {
		t.Errorf("%d are refused on the new connection, want one", len(got))
	}
}

// Contract 9.9: a Connect that panics or ends its goroutine has failed. Calls say why.
func TestConnectPanics(t *testing.T) {
	m, _, _ := newMender(t, func() (*nats.Conn, error) { panic("at the disco") })
	m.link.conn().Close()
	for _, test := range []struct {
		connect func() (*nats.Conn, error)
		want    string
	}{
		{connect: m.link.connect, want: "mend_test.go:"},
		{connect: func() (*nats.Conn, error) { runtime.Goexit(); return nil, nil }, want: "Goexit"},
		{connect: func() (*nats.Conn, error) { return nil, errors.New("no") }, want: "no"},
		{connect: func() (*nats.Conn, error) { return nil, nil }, want: "no open connection"},
	} {
		m.link.connect = test.connect
		m.next = time.Time{}
		m.look()
		if err := m.link.state(); !errors.Is(err, nats.ErrConnectionClosed) ||
			!strings.Contains(err.Error(), "Options.Connect: ") ||
			!strings.Contains(err.Error(), test.want) {
			t.Errorf("after Connect has failed: %v, want that it is closed, and %q", err, test.want)
		}
	}
}

// What a link remembers of errors is limited.
func TestHeardIsBounded(t *testing.T) {
	_, nc := connectPipe(t)
	l := newLink(nc, nil)
	for i := range 3 * maxHeard {
		l.hear(fmt.Errorf(`%w: Permissions Violation for Publish to "%d"`,
			nats.ErrPermissionViolation, i))
	}
	if h, p := len(l.heard), len(l.refusedPublish); h > maxHeard || p > maxHeard {
		t.Errorf("%d errors and %d subjects are remembered, want at most %d", h, p, maxHeard)
	}
	last := fmt.Sprint(3*maxHeard - 1)
	if err := l.publishRefused(last); !errors.Is(err, nats.ErrPermissionViolation) {
		t.Errorf("publishRefused = %v, want the last one", err)
	}
	if err := l.publishRefused(last); err != nil {
		t.Errorf("publishRefused again = %v, want nothing", err)
	}
}

// A subscription that is about to be refused is not one that was taken away.
func TestNowRefused(t *testing.T) {
	_, nc := connectPipe(t)
	l := newLink(nc, nil)
	s := newSubscription()
	l.subs[s.subject] = s
	l.hear(errRefused)
	if got := l.nowRefused(); len(got) != 0 {
		t.Errorf("%d were taken away, want none before subscribe has returned", len(got))
	}
}
