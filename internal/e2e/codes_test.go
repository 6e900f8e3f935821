package e2e

import (
	"bytes"
	"fmt"
	"log"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// Contract 4.4: a code that must not be on the wire never is.
func TestDisconnectCodes(t *testing.T) {
	for _, test := range []struct {
		codes  []int
		sent   int // 1005 means a close frame without a code, 1006 no close frame
		logged bool
	}{
		{codes: []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013,
			1014, 3000, 3999, 4000, 4999}},
		{codes: []int{1005}, sent: 1005},
		{codes: []int{1006}, sent: 1006},
		{codes: []int{-1, 0, 1, 200, 999, 1004, 1015, 1016, 1100, 2999, 5000, 65535,
			65536 + 1000, math.MaxInt32}, sent: 1011, logged: true},
	} {
		for _, code := range test.codes {
			apptest.Bubble(t, fmt.Sprint(code), func(t *testing.T) {
				var lines bytes.Buffer
				o := &sockets.Options{Logger: log.New(&lines, "", 0),
					LogLevel: sockets.LogLevelWarning}
				handler := func(sender chan<- string, disconnect chan<- int,
					done <-chan bool) {
					sender <- "before"
					disconnect <- code
					<-done
				}
				server := wstest.NewMemoryServer(t,
					apptest.App(apptest.Text(o), handler), 0)
				client := server.Dial("/ws", nil)

				client.ReadFrame()
				got, err := 1006, error(nil)
				if f, frameErr := client.NextFrame(); frameErr == nil {
					got, _, err = f.CloseCode()
				}
				client.Conn.Close()
				time.Sleep(time.Second)
				synctest.Wait()

				want := test.sent
				if want == 0 {
					want = code
				}
				logged := strings.Count(lines.String(), "\n")
				if got != want || err != nil || logged > 1 || (logged == 1) != test.logged {
					t.Errorf("close code = %d, %v, log %q, want %d, one line: %t", got, err,
						lines.String(), want, test.logged)
				}
			})
		}
	}
}

// Contract 4.4: a long reason is cut to 123 bytes between two runes.
func TestReasons(t *testing.T) {
	for _, test := range []struct {
		name, reason, want string
	}{
		{"none", "", ""},
		{"short", "bye", "bye"},
		{"fits", strings.Repeat("a", 123), strings.Repeat("a", 123)},
		{"too long", strings.Repeat("a", 124), strings.Repeat("a", 123)},
		{"a rune over the end", strings.Repeat("a", 122) + "é", strings.Repeat("a", 122)},
		{"runes of three bytes", strings.Repeat("€", 42), strings.Repeat("€", 41)},
		{"runes of four bytes", strings.Repeat("😀", 31), strings.Repeat("😀", 30)},
		{"not UTF-8", "abc\xff", ""},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			server := wstest.NewMemoryServer(t,
				apptest.Messages(func(c *sockets.Connection) {
					c.Close(4000, test.reason)
				}), 0)
			client := server.Dial("/ws", nil)

			code, reason := client.ReadClose()

			if code != 4000 || reason != test.want {
				t.Errorf("close frame = %d, %q, want 4000, %q", code, reason, test.want)
			}
		})
	}
}

// Contract 4.4: a peer's close frame is answered once, with the same code, and
// nothing follows.
func TestPeerCloses(t *testing.T) {
	for _, test := range []struct {
		frame   wstest.Frame
		code    int
		regular bool
	}{
		{wstest.CloseRaw(nil), 1005, true},
		{wstest.Close(1000, "bye"), 1000, true},
		{wstest.Close(1001, ""), 1001, true},
		{wstest.Close(1003, ""), 1003, false},
		{wstest.Close(4242, "odd\n"), 4242, false},
	} {
		apptest.Bubble(t, test.frame.String(), func(t *testing.T) {
			handler, outcomes := apptest.UntilDone()
			server := wstest.NewMemoryServer(t, apptest.Messages(handler), 0)
			client := server.Dial("/ws", nil)

			client.Send(test.frame, test.frame, wstest.Text("after"))

			code, _ := client.ReadClose()
			end := client.ReadEnd()
			o := <-outcomes
			if code != test.code || end == nil {
				t.Errorf("answer = %d, then %v, want %d and the end", code, end,
					test.code)
			}
			if test.regular != (o.Err == nil) || !test.regular &&
				apptest.CloseCode(o.Err) != test.code || o.Received != nil {
				t.Errorf("error = %v, received %q, want a *CloseError of %d unless "+
					"regular", o.Err, o.Received, test.code)
			}
		})
	}
}
