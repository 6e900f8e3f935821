package sockets_test

import (
	"bytes"
	"context"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"
)

// logged runs a connection of strings and logs every level. It returns the
// lines in short form: the first letter of the level, and the text. It fails
// the test if a line has another form.
func logged(
	t *testing.T, client func(*websocket.Conn), handler martini.Handler,
	fill ...func(*sockets.Options),
) (lines []string) {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		o := apptest.Silent(fill...)
		o.SkipLogging, o.Logger, o.LogLevel = false, log.New(&out, "", 0),
			sockets.LogLevelDebug
		server := socketstest.NewServer(t, apptest.App(apptest.Text(o), handler))
		client(apptest.Dial(t, server, "/ws"))
		server.Close()
	})
	form := regexp.MustCompile(
		`^\[(Error|Warning|Info|Debug)\] \[192\.0\.2\.2:1\] ([ -~]+)$`)
	for line := range strings.Lines(out.String()) {
		parts := form.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if parts == nil {
			t.Fatalf("line %q, want it to match %s", line, form)
		}
		lines = append(lines, parts[1][:1]+": "+parts[2])
	}
	return lines
}

// logLinesTest is a row of TestLogLines.
type logLinesTest struct {
	name    string
	client  func(*websocket.Conn)
	handler martini.Handler
	want    []string
}

// Contract 6: what is logged, at which level.
func TestLogLines(t *testing.T) {
	wait := func(done <-chan bool) { <-done }
	for _, test := range []logLinesTest{
		{"regular end", apptest.Goodbye(1000, ""), wait,
			[]string{"I: connected", `I: closed by client, code 1000: .*`}},
		{"without code", apptest.Goodbye(0, ""), wait,
			[]string{"I: connected", `I: closed by client, code 1005: .*`}},
		{"messages", func(c *websocket.Conn) {
			c.WriteMessage(websocket.TextMessage, []byte("hello"))
			c.ReadMessage()
			apptest.Goodbye(1001, "")(c)
		}, apptest.Echo[string],
			[]string{"I: connected", "D: received a message of 5 bytes",
				"D: sending a message of 5 bytes", `I: closed by client, code 1001: .*`}},
		{"prepared", func(c *websocket.Conn) { apptest.All(c) },
			func(p chan<- *sockets.Prepared) {
				m, _ := sockets.PrepareText("hello")
				p <- m
			},
			[]string{"I: connected", "D: sending a message of 5 bytes",
				`I: closed by handler, code 1000: "sockets: the handler has returned"`}},
		{"ping", func(c *websocket.Conn) {
			c.WriteControl(websocket.PingMessage, nil, time.Time{})
			time.Sleep(time.Second)
			c.WriteControl(websocket.PongMessage, nil, time.Time{})
			time.Sleep(time.Second)
			apptest.Goodbye(1000, "")(c)
		}, wait,
			[]string{"I: connected", "D: received a ping of 0 bytes",
				"D: sending a pong of 0 bytes", "D: received a pong of 0 bytes",
				"I: closed by client, .*"}},
		{"ended by the handler", func(c *websocket.Conn) { apptest.All(c) },
			func(d chan<- int) { d <- 4000 }, []string{"I: connected",
				`I: closed by handler, code 4000: .*`}},
		{"code that must not be sent", func(c *websocket.Conn) { apptest.All(c) },
			func(d chan<- int) { d <- 999 },
			[]string{"I: connected",
				`E: closed by handler, code 1011: .*, because 999 must not be sent"`}},
		{"another code", apptest.Goodbye(4000, "evil\n[Error] \x1b[31m"), wait,
			[]string{"I: connected",
				`I: closed by client, code 4000: .*evil\\n\[Error\] \\x1b\[31m.*`}},
		{"invalid text",
			func(c *websocket.Conn) {
				c.WriteMessage(websocket.TextMessage, []byte("\x1b\xff"))
				apptest.All(c)
			}, wait,
			[]string{"I: connected", "W: closed by violation, code 1007: .*UTF-8.*"}},
		{"cannot be sent", func(c *websocket.Conn) { apptest.All(c) },
			func(s chan<- string, done <-chan bool) { s <- "\xff"; <-done },
			[]string{"I: connected", "E: closed by program, code 1011: .*UTF-8.*"}},
		{"vanished", func(c *websocket.Conn) { c.Close() }, wait,
			[]string{"I: connected", "I: closed by network, code 1006: .*"}},
		{"panic", func(c *websocket.Conn) { apptest.All(c) },
			func() { panic("a panic of the test") }, []string{"I: connected",
				"E: closed by handler, code 1011: " +
					`"sockets: the handler panicked: a panic of the test"`}},
	} {
		t.Run(test.name, test.run)
	}
}

func (test logLinesTest) run(t *testing.T) {
	got := logged(t, test.client, test.handler)
	ok := len(got) == len(test.want)
	for i := 0; ok && i < len(got); i++ {
		ok = regexp.MustCompile("^" + test.want[i] + "$").MatchString(got[i])
	}
	if !ok {
		t.Errorf("log = %q, want %q", got, test.want)
	}
}

// Contract 6: a client that closes regularly never causes a warning or an
// error, whatever the handler does at that moment.
func TestRegularEndsAreQuiet(t *testing.T) {
	flood := func(sender chan<- string, done <-chan bool) {
		for {
			select {
			case sender <- strings.Repeat("a", 1000):
				// Fake time stands still while a goroutine runs, and the
				// library waits for time to pass.
				time.Sleep(time.Millisecond)
			case <-done:
				return
			}
		}
	}
	for _, test := range []struct {
		name    string
		client  func(*websocket.Conn)
		handler martini.Handler
	}{
		{"1000", apptest.Goodbye(1000, "bye"), func(done <-chan bool) { <-done }},
		{"1001", apptest.Goodbye(1001, "bye"), func(done <-chan bool) { <-done }},
		{"none", apptest.Goodbye(0, ""), func(done <-chan bool) { <-done }},
		{"while the handler writes", apptest.Goodbye(1001, ""), flood},
		{"while the handler writes, and gone at once", func(c *websocket.Conn) {
			c.WriteControl(websocket.CloseMessage, []byte{3, 0xe9}, time.Time{})
			c.Close()
		}, flood},
		{"and the handler ends it, too", apptest.Goodbye(1000, ""),
			func(disconnect chan<- int) { disconnect <- 1001 }},
		{"before the handler reads", func(c *websocket.Conn) {
			c.WriteMessage(websocket.TextMessage, []byte("hello"))
			apptest.Goodbye(1000, "")(c)
		}, func(done <-chan bool) { time.Sleep(time.Second); <-done }},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, line := range logged(t, test.client, test.handler) {
				if line[0] == 'W' || line[0] == 'E' {
					t.Errorf("log has %q, want no warning and no error", line)
				}
			}
		})
	}
}

// Contract 6: a shutdown is a regular end.
func TestShutdownIsLoggedAsInfo(t *testing.T) {
	group := &sockets.Group{}
	got := logged(t, func(c *websocket.Conn) {
		go group.Shutdown(context.Background())
		apptest.All(c)
	}, func(done <-chan bool) { <-done }, func(o *sockets.Options) { o.Group = group })

	if len(got) != 2 || !strings.HasPrefix(got[1], "I: closed by server, code 1001: ") {
		t.Errorf("log = %q, want begin and end as Info", got)
	}
}

// Contract 6: the prefix is the Logger's own. Neither a level that is not
// logged nor SkipLogging writes a line.
func TestLogLevels(t *testing.T) {
	for _, test := range []struct {
		name  string
		level int
		skip  bool
		want  bool // a warning is logged
	}{
		{"default", 0, false, true},
		{"errors only", -1, false, false},
		{"warning", sockets.LogLevelWarning, false, true},
		{"debug", sockets.LogLevelDebug, false, true},
		{"debug, skipped", sockets.LogLevelDebug, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			m := apptest.App(apptest.Text(&sockets.Options{Logger: log.New(&out,
				"[mine] ", 0), LogLevel: test.level, SkipLogging: test.skip}))

			m.ServeHTTP(httptest.NewRecorder(),
				apptest.Handshake(apptest.Header("Origin", "http://evil.com")))

			warning := "[mine] [Warning] [192.0.2.1:1234] refused "
			if got := strings.HasPrefix(out.String(), warning); got != test.want {
				t.Errorf("log = %q, want a warning: %v", &out, test.want)
			}
		})
	}
}

// Contract 6: a handler that has not returned ten seconds after done is told of once, with
// the path and how many there are now.
func TestOverdueHandlers(t *testing.T) {
	var out timedLog
	synctest.Test(t, func(t *testing.T) {
		quit := make(chan bool)
		o := apptest.Silent()
		o.SkipLogging, o.Logger, o.LogLevel = false, log.New(&out, "", 0),
			sockets.LogLevelWarning
		server := socketstest.NewServer(t, apptest.App(apptest.Text(o),
			func(receiver <-chan string) { <-quit })) // like one that ranges over its receiver
		for _, n := range []int{3, 1} { // the second time the first three have returned
			begin := time.Now()
			for range n {
				apptest.Goodbye(1000, "")(apptest.Dial(t, server, "/ws"))
			}
			time.Sleep(time.Hour)
			if after := out.last().Sub(begin); after < 10*time.Second || after > time.Minute {
				t.Errorf("the last line came after %v, want it after 10s", after)
			}
			for range n {
				quit <- true
			}
		}
		server.Close()
	})
	// The timers of three fire at the same moment, so their lines come in any order.
	for number, want := range map[string]int{`[Warning] [192.0.2.2:`: 4, `"/ws"`: 4, "\n": 4,
		"1 such": 2, "2 such": 1, "3 such": 1} {
		if got := strings.Count(out.String(), number); got != want {
			t.Errorf("log = %q, with %d of %q, want %d", out.String(), got, number, want)
		}
	}
}

// timedLog keeps what is logged, and when the last line came.
type timedLog struct {
	mu  sync.Mutex // protects the fields below
	all strings.Builder
	at  time.Time
}

func (l *timedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = time.Now()
	return l.all.Write(p)
}

func (l *timedLog) last() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at
}

func (l *timedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// Contract 6: a handler that returns in time is not told of, nor counted.
func TestHandlersThatReturnAreNotOverdue(t *testing.T) {
	lines := logged(t, func(client *websocket.Conn) {
		apptest.Goodbye(1000, "")(client)
		time.Sleep(time.Minute)
	}, func(done <-chan bool) {
		<-done
		time.Sleep(9 * time.Second)
	})
	for _, line := range lines {
		if strings.Contains(line, "returned") {
			t.Errorf("log = %q, want nothing of the handler", lines)
		}
	}
}

// Contract 2.4: if no handler follows the middleware, the log says so.
func TestMiddlewareAfterTheHandler(t *testing.T) {
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		o := apptest.Silent()
		o.SkipLogging, o.Logger, o.LogLevel = false, log.New(&out, "", 0), -1
		middleware := sockets.Messages(o)
		for _, app := range []http.Handler{apptest.App(func() {}, middleware),
			apptest.App(middleware, apptest.WaitForDone)} {
			apptest.Goodbye(1000, "")(socketstest.Dial(t, app, "/ws"))
		}
		m := martini.New()
		m.Use(middleware)
		m.Action(apptest.WaitForDone)
		apptest.Goodbye(1000, "")(socketstest.Dial(t, m, "/ws"))
	})
	if got := out.String(); strings.Count(got, "\n") != 1 ||
		!strings.Contains(got, `no handler follows the middleware of "/ws"`) {
		t.Errorf("log = %q, want one line about the first", got)
	}
}

// Contract 3.7, 4.2: the log and the error name the place of a panic, and the limit that a
// message exceeds with its option.
func TestErrorsHelp(t *testing.T) {
	for _, test := range []struct{ name, sent, want string }{
		{"panic", `{"nothing":true}`, "log_test.go:"},
		{"too big", strings.Repeat(" ", 70_000), "MaxMessageSize is 65536 bytes"},
	} {
		var out bytes.Buffer
		var err error
		synctest.Test(t, func(t *testing.T) {
			o := apptest.Silent()
			o.SkipLogging, o.Logger = false, log.New(&out, "", 0)
			client := socketstest.Dial(t, apptest.App(apptest.JSON(nilReader{}, o),
				func(errs <-chan error, done <-chan bool) { err = <-errs; <-done }), "/ws")
			client.WriteMessage(websocket.TextMessage, []byte(test.sent))
			apptest.All(client)
		})
		if err == nil || !strings.Contains(err.Error(), test.want) ||
			!strings.Contains(out.String(), test.want) {
			t.Errorf("%s: error = %v, log = %s, want %q in both", test.name, err,
				out.String(), test.want)
		}
	}
}

// nilReader reads from a nil pointer.
type nilReader struct {
	next *nilReader
	err  error
}

func (n *nilReader) UnmarshalJSON([]byte) error { return n.next.err }
