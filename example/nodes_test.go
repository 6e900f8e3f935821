package main

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/nats-io/nats-server/v2/server"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

func TestNodesShareARoom(t *testing.T) {
	twoNodes(t, func(t *testing.T, _ *mesh, a, b *Chat) {
		ann := mustSit(t, a, "Ann", "1")
		ann.says("1", "first")
		ann.wants("Ann", "Ann: first")
		bo := mustSit(t, b, "Bo", "2")
		bo.wants("Ann", "Bo", "old: first")
		ann.wants("Bo joined")
		bo.says("1", "second")
		ann.wants("Bo: second")
		bo.wants("Bo: second")
		if _, err := sit(t, b, "ann", "3"); err != errNameTaken {
			t.Errorf("a name of the other node: %v, want %v", err, errNameTaken)
		}
		bo.stand()
		ann.wants("Bo left")
		ann.stand()
	})
}

// Two nodes that do not hear each other both give away a name. When they do, the first keeps it, and nobody sees a line.
func TestRaceForAName(t *testing.T) {
	twoNodes(t, func(t *testing.T, m *mesh, a, b *Chat) {
		bo := mustSit(t, a, "Bo", "1")
		m.ends[0].setCut(true)
		first := mustSit(t, a, "Ann", "2")
		time.Sleep(time.Second)
		second := mustSit(t, b, "ANN", "3")
		bo.wants("Bo", "Ann joined")
		m.ends[0].setCut(false)
		time.Sleep(testTimes.Beat)
		synctest.Wait()
		if first.away != "" || second.away != errNameTaken.Error() {
			t.Errorf("sent away: the first with %q, the second with %q", first.away, second.away)
		}
		second.stand()
		bo.wants()
		first.stand()
		bo.wants("Ann left")
		bo.stand()
	})
}

// A person whose page comes back at another node takes the place that the first node still keeps.
func TestReconnectAtTheOtherNode(t *testing.T) {
	twoNodes(t, func(t *testing.T, _ *mesh, a, b *Chat) {
		bo := mustSit(t, a, "Bo", "1")
		lost := mustSit(t, a, "Ann", "2")
		lost.says("1", "hello")
		back := mustSit(t, b, "Ann", "2")
		back.wants("Ann", "Bo", "old: hello")
		back.says("1", "hello") // the page does not know that it arrived
		synctest.Wait()
		if lost.away != errMoved.Error() {
			t.Errorf("the lost connection was sent away with %q, want %q", lost.away, errMoved)
		}
		lost.says("2", "too late")
		lost.stand()
		bo.wants("Bo", "Ann joined", "Ann: hello")
		back.stand()
		bo.wants("Ann left")
		bo.stand()
	})
}

// A node that ends without a farewell takes its people with it, after three beats.
func TestVanishedNode(t *testing.T) {
	twoNodes(t, func(t *testing.T, m *mesh, a, b *Chat) {
		ann, bo := mustSit(t, a, "Ann", "1"), mustSit(t, b, "Bo", "2")
		ann.saw()
		m.ends[1].setCut(true)
		time.Sleep(2 * testTimes.Beat)
		ann.wants()
		time.Sleep(3 * testTimes.Beat)
		ann.wants("Bo left")
		bo.stand()
		ann.stand()
	})
}

// What was said while the nodes did not hear each other comes to everybody afterwards, once; and then the nodes are quiet.
func TestNodesMakeGoodWhatWasLost(t *testing.T) {
	twoNodes(t, func(t *testing.T, m *mesh, a, b *Chat) {
		ann, bo := mustSit(t, a, "Ann", "1"), mustSit(t, b, "Bo", "2")
		m.ends[0].setCut(true)
		ann.says("1", "one")
		bo.says("1", "two")
		ann.saw()
		bo.saw()
		m.ends[0].setCut(false)
		time.Sleep(2 * testTimes.Beat)
		ann.wants("Bo: two")
		bo.wants("Ann: one")
		before := m.carried()
		time.Sleep(10 * testTimes.Beat)
		if beats := m.carried() - before; beats > 20 {
			t.Errorf("%d notes in 10 beats of two nodes, want 20", beats)
		}
		ann.stand()
		bo.stand()
	})
}

func TestRoomIsForgotten(t *testing.T) {
	twoNodes(t, func(t *testing.T, _ *mesh, a, _ *Chat) {
		ann := mustSit(t, a, "Ann", "1")
		ann.says("1", "hello")
		ann.stand()
		time.Sleep(testTimes.Keep - time.Second)
		ann = mustSit(t, a, "Ann", "1")
		ann.wants("Ann", "old: hello")
		time.Sleep(2 * testTimes.Keep)
		ann.stand()
		time.Sleep(testTimes.Keep + testTimes.Beat)
		ann = mustSit(t, a, "Ann", "1")
		ann.wants("Ann")
		ann.stand()
	})
}

func TestFullRoomAndTooManyRooms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChat(nil, nil, Times{Beat: time.Second, Keep: time.Second})
		defer c.Close()
		var all []*seat
		for i := range maxPeople {
			all = append(all, mustSit(t, c, fmt.Sprint("person ", i), fmt.Sprint(i)))
		}
		if _, err := sit(t, c, "one more", "key"); err != errRoomFull {
			t.Errorf("entering a full room: %v, want %v", err, errRoomFull)
		}
		all = append(all[1:], mustSit(t, c, "person 0", "0")) // back after a lost connection
		for _, s := range all {
			s.stand()
		}
		for i := range maxRooms - 1 {
			r, err := c.open(fmt.Sprint("room ", i))
			if err != nil {
				t.Fatal(err)
			}
			c.release(r)
		}
		if _, err := c.open("one more"); err != errManyRooms {
			t.Errorf("opening one room more: %v, want %v", err, errManyRooms)
		}
		time.Sleep(3 * time.Second)
		if r, err := c.open("one more"); err != nil {
			t.Errorf("opening one after others were forgotten: %v", err)
		} else {
			c.release(r)
		}
	})
}

// An answer stands below its question, also when the clock of the node that took the question is ahead.
func TestClockNeverGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChat(nil, nil, Times{Beat: time.Hour, Keep: time.Hour})
		defer c.Close()
		ann := mustSit(t, c, "Ann", "1")
		ahead := time.Now().Add(time.Minute).UnixMilli()
		ann.room.hear(&note{Said: &Message{Kind: kindSaid, ID: "x-1", Name: "Bo", Text: "question", Time: ahead}})
		ann.says("1", "answer")
		if h := ann.room.said(); len(h) != 2 || h[1].Text != "answer" || h[1].Time <= ahead {
			t.Errorf("history = %v", h.ids())
		}
		ann.stand()
	})
}

// Reports that overtake each other on the way do not bring back who has left.
func TestOlderReportIsIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChat(nil, nil, Times{Beat: time.Hour, Keep: time.Hour})
		defer c.Close()
		bo := mustSit(t, c, "Bo", "1")
		ann := newGuest("Ann", "2", nil).person
		bo.room.hear(&note{Node: "other", Version: 2, People: []person{ann}})
		bo.room.hear(&note{Node: "other", Version: 4})
		bo.room.hear(&note{Node: "other", Version: 3, People: []person{ann}})
		bo.wants("Bo", "Ann joined", "Ann left")
		bo.stand()
	})
}

// A reconnect counts as the newer connection, also when the clock of the node that had the older one is ahead.
func TestReconnectAgainstTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChat(nil, nil, Times{Beat: time.Hour, Keep: time.Hour})
		defer c.Close()
		bo := mustSit(t, c, "Bo", "1")
		ghost := newGuest("Ann", "2", nil).person
		ghost.Since = time.Now().Add(time.Minute).UnixNano()
		bo.room.hear(&note{Node: "other", Version: 1, People: []person{ghost}})
		ann := mustSit(t, c, "Ann", "2")
		bo.room.hear(&note{Node: "other", Version: 2, People: []person{ghost}, Beat: true})
		if ann.away != "" {
			t.Errorf("the newer connection was sent away: %s", ann.away)
		}
		bo.wants("Bo", "Ann joined")
		ann.stand()
		bo.stand()
	})
}

func TestTwoNodesOverNATS(t *testing.T) {
	wstest.NoLeaks(t)
	s := testNATS(t)
	a, b := startNode(t, s.ClientURL()), startNode(t, s.ClientURL())
	ann, _ := a.join("room", "Ann")
	bo, welcome := b.join("room", "Bo")
	if got := fmt.Sprint(welcome.People); got != "[Ann Bo]" {
		t.Errorf("people at the second node = %s", got)
	}
	ann.here(kindJoined, "Ann", "Bo")
	bo.say("1", "hello")
	bo.sees(kindSaid, "Bo", "hello")
	ann.sees(kindSaid, "Bo", "hello")
	b.dial("room", "ann", "another key").ends(closeRefused, errNameTaken.Error())

	go b.ctrlC()
	bo.ends(websocket.CloseGoingAway, "")
	ann.here(kindLeft, "Ann")
	back, welcome := a.join("room", "Bo") // the address leads to the other node now
	if got := fmt.Sprint(welcome.People, len(welcome.History)); got != "[Ann Bo] 1" {
		t.Errorf("after the reconnect: %s", got)
	}
	ann.here(kindJoined, "Ann", "Bo")
	back.say("1", "hello") // was delivered by the other node
	back.silent()
	b.stop()
}

func testNATS(t *testing.T) *server.Server {
	t.Helper()
	s, err := startNATS("0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s
}
