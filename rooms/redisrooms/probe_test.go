package redisrooms

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
)

// answers is a server for probes, as a hook of a client, so without a network.
type answers struct {
	client  *client
	probe   *probe
	publish error  // the answer to PUBLISH
	back    int    // how often comes back what is published
	run     string // of the server
}

func (a *answers) DialHook(next redis.DialHook) redis.DialHook { return next }

func (a *answers) ProcessPipelineHook(
	next redis.ProcessPipelineHook,
) redis.ProcessPipelineHook {
	return next
}

func (a *answers) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(_ context.Context, cmd redis.Cmder) error {
		switch cmd := cmd.(type) {
		case *redis.StringCmd: // INFO
			cmd.SetVal("# Server\r\nrun_id:" + a.run + "\r\ntcp_port:6379\r\n")
		default: // PUBLISH
			if a.publish != nil {
				cmd.SetErr(a.publish)
				return a.publish
			}
			for range a.back {
				a.probe.heard(cmd.Args()[2].(string))
			}
		}
		return nil
	}
}

// newProbeOf makes a probe of one server, or of a cluster that has only that one.
func newProbeOf(t *testing.T, cluster bool) *answers {
	t.Helper()
	a := &answers{}
	hooked := func(o *redis.Options) *redis.Client {
		c := redis.NewClient(o)
		c.AddHook(a)
		return c
	}
	c := &client{}
	if cluster {
		c.cluster = redis.NewClusterClient(&redis.ClusterOptions{
			NewClient: hooked,
			ClusterSlots: func(context.Context) ([]redis.ClusterSlot, error) {
				nodes := []redis.ClusterNode{{Addr: "127.0.0.1:0"}}
				return []redis.ClusterSlot{{End: 16383, Nodes: nodes}}, nil
			},
		})
	} else {
		c.single = hooked(&redis.Options{Addr: "127.0.0.1:0"})
	}
	t.Cleanup(func() { c.any().Close() })
	a.client, a.probe = c, newProbe(c, "rooms")
	return a
}

// What a round of a probe says, and remembers until the next one.
func TestProbeRounds(t *testing.T) {
	errBroken, errNoRight := errors.New("broken"), reply("NOPERM no right")
	type round struct {
		name    string
		publish error
		back    int
		run     string
		want    error
		refused bool
	}
	well := round{name: "well", back: 1, run: "run 1"}
	refused := round{name: "refused", publish: errNoRight, want: errNoRight, refused: true}
	rounds := []round{well, refused, well, refused,
		{name: "broken", publish: errBroken, want: errBroken},
		{name: "silent", want: errSilent}, well}
	for _, cluster := range []bool{false, true} {
		t.Run(fmt.Sprint("cluster ", cluster), func(t *testing.T) {
			a := newProbeOf(t, cluster)
			next := round{name: "another run", back: 1, run: "run 2"}
			if cluster {
				next.want = errOther
			}
			again := round{name: "the same run again", back: 1, run: "run 2"}
			for _, r := range append(rounds, next, again) {
				a.publish, a.back, a.run = r.publish, r.back, r.run
				ctx, cancel := context.WithCancel(t.Context())
				if r.back == 0 {
					cancel() // so that a round that waits for an answer gives up
				}
				err := a.probe.round(ctx)
				cancel()
				if !errors.Is(err, r.want) {
					t.Errorf("%s: round = %v, want %v", r.name, err, r.want)
				}
				told := a.probe.refusal()
				if (told != nil) != r.refused ||
					r.refused && !strings.Contains(told.Error(), "PUBLISH "+a.probe.channel) {
					t.Errorf("%s: refusal = %v, want one: %v", r.name, told, r.refused)
				}
				if n := len(a.probe.waiting); n != 0 {
					t.Errorf("%s: %d are waited for afterwards, want none", r.name, n)
				}
			}
		})
	}
}

// Whoever may publish to the channel can repeat what a probe has published.
func TestProbeHearsTwice(t *testing.T) {
	a := newProbeOf(t, false)
	a.back = 2
	if err := a.probe.round(t.Context()); err != nil {
		t.Errorf("round = %v, want no error", err)
	}
}

// Contract 10.13: a link probes as often as it says. One that does not hear itself ends
// its session; one that cannot publish may have lost something.
func TestWatch(t *testing.T) {
	tests := []struct {
		name    string
		publish error
		back    int
		over    bool
		breaks  uint64
	}{
		{name: "well", back: 1},
		{name: "silent", over: true},
		{name: "broken", publish: errors.New("broken"), breaks: 1},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			a := newProbeOf(t, false)
			l := newLink(a.client, "rooms")
			l.session = newSession(t)
			close(l.tried)
			a.probe, a.publish, a.back = l.probe, test.publish, test.back
			var watching sync.WaitGroup
			watching.Go(l.watch)
			time.Sleep(probeWait + probePause/2)
			synctest.Wait()
			if got := l.session.over; got != test.over {
				t.Errorf("%s: the session is over: %v, want %v", test.name, got, test.over)
			}
			rounds := 1 + uint64((probeWait+probePause/2)/probePause)
			if got, want := l.breaks, test.breaks*rounds; got != want {
				t.Errorf("%s: %d breaks, want %d", test.name, got, want)
			}
			l.cancel()
			watching.Wait()
		})
	}
}
