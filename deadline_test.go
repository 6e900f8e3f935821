package sockets

import (
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// Contract 6, 1.7: whatever deadlines were set before, a call that begins now ends after wait, or at the bound.
func TestDeadline(t *testing.T) {
	for _, test := range []struct {
		name      string
		wait      time.Duration
		resumable bool
		before    func(*deadline)
		want      time.Duration // 0: never, which is an hour here
	}{
		{name: "first", wait: time.Minute, want: time.Minute},
		{name: "off", want: 0},
		{name: "longest", wait: longestWait, resumable: true, want: 0},
		{name: "old one", wait: time.Minute, resumable: true, before: func(d *deadline) { d.begin(time.Time{}); time.Sleep(50 * time.Second) }, want: time.Minute},
		{name: "old one has passed", wait: time.Minute, resumable: true, before: func(d *deadline) { d.begin(time.Time{}); time.Sleep(time.Hour) }, want: time.Minute},
		{name: "not resumable", wait: time.Minute, before: func(d *deadline) { d.begin(time.Time{}); time.Sleep(50 * time.Second) }, want: time.Minute},
		{name: "behind a handshake's", wait: time.Second, resumable: true, before: func(d *deadline) { d.begin(time.Now().Add(time.Minute)); d.disarm() }, want: time.Second},
		{name: "off, behind a handshake's", resumable: true, before: func(d *deadline) { d.begin(time.Now().Add(time.Minute)); d.disarm() }, want: 0},
		{name: "bounded", wait: time.Minute, resumable: true, before: func(d *deadline) { d.limit(5 * time.Second) }, want: 5 * time.Second},
		{name: "bounded, off", before: func(d *deadline) { d.limit(5 * time.Second) }, want: 5 * time.Second},
		{name: "bound later than wait", wait: time.Second, before: func(d *deadline) { d.limit(5 * time.Second) }, want: time.Second},
		{name: "bounded while it waits", wait: time.Minute, resumable: true, before: func(d *deadline) {
			time.AfterFunc(10*time.Second, func() { d.limit(5 * time.Second) })
		}, want: 15 * time.Second},
		{name: "not made longer while it waits", wait: 12 * time.Second, resumable: true, before: func(d *deadline) {
			time.AfterFunc(10*time.Second, func() { d.limit(12 * time.Second) })
		}, want: 12 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := &fakeDeadline{changes: make(chan time.Time, 10)}
				d := &deadline{opened: time.Now(), set: network.set, wait: test.wait, resumable: test.resumable}
				if test.before != nil {
					test.before(d)
				}

				begin := time.Now()
				for due := d.begin(time.Time{}); network.wait() && d.again(due, os.ErrDeadlineExceeded); {
				}

				if got := time.Since(begin); got != test.want && (test.want != 0 || got < time.Hour) {
					t.Errorf("the call ended after %v, want %v", got, test.want)
				}
			})
		})
	}
}

// fakeDeadline is the deadline of a network connection on which nothing ever happens.
type fakeDeadline struct {
	at      time.Time
	changes chan time.Time
}

func (f *fakeDeadline) set(t time.Time) error {
	f.changes <- t
	return nil
}

// wait blocks until the deadline; it reports false when that took more than an hour.
func (f *fakeDeadline) wait() bool {
	giveUp := time.After(time.Hour)
	for {
		var passed <-chan time.Time
		if !f.at.IsZero() {
			passed = time.After(time.Until(f.at))
		}
		select {
		case f.at = <-f.changes:
			continue
		default:
		}
		select {
		case <-passed:
			return true
		case f.at = <-f.changes:
		case <-giveUp:
			return false
		}
	}
}
