package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// rudeError is an error of the program. Its named method panics or ends its goroutine.
type rudeError struct {
	in   string
	exit bool
}

func (e rudeError) misbehave(method string) {
	switch {
	case e.in != method:
	case e.exit:
		runtime.Goexit()
	default:
		panic("a panic of the test in " + method)
	}
}

func (e rudeError) Error() string   { e.misbehave("Error"); return "rude" }
func (e rudeError) Unwrap() error   { e.misbehave("Unwrap"); return nil }
func (e rudeError) Is(error) bool   { e.misbehave("Is"); return false }
func (e rudeError) As(any) bool     { e.misbehave("As"); return false }
func (e rudeError) Timeout() bool   { e.misbehave("Timeout"); return false }
func (e rudeError) Temporary() bool { e.misbehave("Temporary"); return false }

// rudeMessage fails to decode and encode with the error that it names.
type rudeMessage struct {
	In   string
	Exit bool
}

func (m *rudeMessage) UnmarshalJSON(p []byte) error {
	type plain rudeMessage
	if err := json.Unmarshal(p, (*plain)(m)); err != nil || m.In == "" {
		return err
	}
	rudeError{m.In, m.Exit}.misbehave("UnmarshalJSON")
	return rudeError{m.In, m.Exit}
}

func (m *rudeMessage) MarshalJSON() ([]byte, error) {
	if m.In == "" {
		return []byte(`"polite"`), nil
	}
	rudeError{m.In, m.Exit}.misbehave("MarshalJSON")
	return nil, rudeError{m.In, m.Exit}
}

// Contract 3.7, 4.1: a message's method, or a method of its error, may do anything. It
// ends that connection with an error for the handler, and another connection goes on.
func TestRudeMethods(t *testing.T) {
	for _, test := range []struct {
		in     string
		decode int // the close code when the message is received
	}{
		{"UnmarshalJSON", 1011}, {"Error", 1011}, {"Unwrap", 1007}, {"Is", 1007},
		{"As", 1007}, {"Timeout", 1007},
	} {
		for _, exit := range []bool{false, true} {
			t.Run(test.in, func(t *testing.T) {
				code, err := endOf(t, func(client *wstest.Raw) {
					data, _ := json.Marshal(struct {
						In   string
						Exit bool
					}{test.in, exit})
					client.Send(wstest.Text(string(data)))
				}, nil)
				if code != test.decode || err == "" {
					t.Errorf("received: close code = %d, error %q, want %d and an error",
						code, err, test.decode)
				}
			})
		}
	}
	for _, in := range []string{"MarshalJSON", "Error", "Unwrap", "Is", "As", "Timeout"} {
		for _, exit := range []bool{false, true} {
			t.Run("sent "+in, func(t *testing.T) {
				code, err := endOf(t, func(*wstest.Raw) {}, &rudeMessage{in, exit})
				if code != 1011 || err == "" {
					t.Errorf("sent: close code = %d, error %q, want 1011 and an error",
						code, err)
				}
			})
		}
	}
}

// endOf opens two connections. The client or the sent message ends the first, and endOf
// returns its close code and error. It fails the test unless the second still works.
func endOf(
	t *testing.T, client func(*wstest.Raw), sent *rudeMessage,
) (code int, text string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		handler := func(r *http.Request, receiver <-chan *rudeMessage,
			sender chan<- *rudeMessage,
			errs <-chan error, done <-chan bool) {
			if r.FormValue("beside") != "" {
				apptest.Echo(receiver, sender, done)
				return
			}
			if sent != nil {
				sender <- sent
			}
			text = (<-errs).Error()
		}
		server := wstest.NewMemoryServer(t,
			apptest.App(apptest.JSON(rudeMessage{}, apptest.Silent()), handler), 0)
		beside, rude := server.Dial("/ws?beside=1", nil), server.Dial("/ws", nil)

		client(rude)
		code, _ = rude.ReadClose()
		rude.Conn.Close()
		synctest.Wait()

		beside.Send(wstest.Text("{}"))
		if _, got := beside.ReadMessage(); string(got) != `"polite"` {
			t.Errorf("the connection beside received %q, want polite", got)
		}
		beside.Reset()
	})
	return code, text
}

// Contract 3.7: messages sent before one whose method ends its goroutine arrive.
func TestSentBeforeGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := func(sender chan<- *rudeMessage, done <-chan bool) {
			for range 3 {
				sender <- &rudeMessage{}
			}
			sender <- &rudeMessage{"MarshalJSON", true}
			sender <- &rudeMessage{"MarshalJSON", true}
			<-done
		}
		server := wstest.NewMemoryServer(t,
			apptest.App(apptest.JSON(rudeMessage{}, apptest.Silent()), handler), 0)
		client := server.Dial("/ws", nil)

		for range 3 {
			client.ReadMessage()
		}
		if code, _ := client.ReadClose(); code != 1011 {
			t.Errorf("close code = %d, want 1011", code)
		}
	})
}

// Contract 1.4, 6: a log line is short, whatever the client sends.
func TestLogIsBounded(t *testing.T) {
	var lines bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		o := &sockets.Options{Logger: log.New(&lines, "", 0)}
		handler := func(errs <-chan error) {
			var wrong *json.UnmarshalTypeError
			if err := <-errs; !errors.As(err, &wrong) || len(wrong.Value) < 60_000 {
				t.Errorf("error = %.100v, want the whole of encoding/json's", err)
			}
		}
		server := wstest.NewMemoryServer(t,
			apptest.App(apptest.JSON(struct{ N int }{}, o), handler), 0)
		client := server.Dial("/ws", nil)
		client.Send(wstest.Text(`{"N":` + strings.Repeat("1", 65_000) + `}`))
		client.ReadClose()
		client.Reset()
	})
	for line := range strings.Lines(lines.String()) {
		if len(line) > 700 {
			t.Errorf("line of %d bytes: %.100s..., want at most 700", len(line), line)
		}
	}
}

// evil is an error whose Error method panics.
type evil struct{}

// evilMessage panics with evil when it is decoded.
type evilMessage struct{}

func (*evilMessage) UnmarshalJSON([]byte) error { panic(evil{}) }

// Contract 3.7: no panic of a message's method ends the process.
func TestEvilPanicOfMethod(t *testing.T) {
	t.Parallel()
	if os.Getenv("SOCKETS_EVIL") == "" {
		ctx, cancel := context.WithTimeout(t.Context(), wstest.Wait)
		defer cancel()
		again := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestEvilPanicOfMethod$")
		again.Env = append(os.Environ(), "SOCKETS_EVIL=1")
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("a process with such a method: %v, %.200s", err, out)
		}
		return
	}
	server := wstest.NewServer(t,
		apptest.App(apptest.JSON(evilMessage{}, apptest.Silent()),
			func(done <-chan bool) { <-done }))
	client := server.Dial("/ws", nil)
	client.Send(wstest.Text("1"))
	if code, _ := client.ReadClose(); code != 1011 {
		t.Errorf("close code = %d, want 1011", code)
	}
	client.Vanish()
}

// late is a message whose decoding waits for lateGate.
type late struct{}

var lateGate = make(chan struct{}, 1)

func (*late) UnmarshalJSON(p []byte) error {
	if string(p) == "1" {
		<-lateGate // like a method that needs something from the handler
	}
	return nil
}

// Contract 3.8: after the end, incoming messages are discarded without a call
// of their methods, and the middleware returns within seconds.
func TestDecodesAfterEnd(t *testing.T) {
	over := make(chan bool, 1)
	h := apptest.App(apptest.JSON(late{}, apptest.Silent()), func(<-chan *late) {})
	server := wstest.NewServer(t,
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(w, r)
			over <- true
		}))
	client := server.Dial("/ws", nil)
	client.ReadClose()
	client.Send(wstest.Text("1"), wstest.Close(1000, ""))
	select {
	case <-over:
	case <-time.After(8 * time.Second):
		t.Error("the middleware waits for a message's method, after the handler had " +
			"returned and the close frame was sent")
		lateGate <- struct{}{}
	}
}
