package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

func TestTwoRoomsThreePeople(t *testing.T) {
	wstest.NoLeaks(t)
	n := startNode(t, "")
	const markup = "<b>Bo & Co</b>"
	ann, _ := n.join("one", "Ann")
	bo, welcome := n.join("one", markup)
	cleo, alone := n.join("two", "Cleo")
	if got := strings.Join(welcome.People, ","); got != markup+",Ann" {
		t.Errorf("people = %q", got)
	}
	if got := strings.Join(alone.People, ","); got != "Cleo" {
		t.Errorf("people of the other room = %q", got)
	}
	ann.sees(kindJoined, markup, "")
	bo.say("1", "<script>alert(1)</script>")
	for _, c := range []*client{ann, bo} {
		c.sees(kindSaid, markup, "<script>alert(1)</script>")
	}
	bo.leaves()
	ann.here(kindLeft, "Ann")
	cleo.silent()
}

func TestVanishedPersonLeaves(t *testing.T) {
	wstest.NoLeaks(t)
	n := startNode(t, "")
	ann, _ := n.join("room", "Ann")
	bo, _ := n.join("room", "Bo")
	ann.sees(kindJoined, "Bo", "")
	bo.NetConn().Close()
	ann.here(kindLeft, "Ann")
}

func TestHistoryIsBounded(t *testing.T) {
	n := startNode(t, "")
	ann, _ := n.join("room", "Ann")
	for i := range maxHistory + 5 {
		ann.say(fmt.Sprint(i), fmt.Sprint("message ", i))
		ann.next(kindSaid)
	}
	_, welcome := n.join("room", "Bo")
	if len(welcome.History) != maxHistory {
		t.Fatalf("len(History) = %d, want %d", len(welcome.History), maxHistory)
	}
	for i, m := range welcome.History {
		if want := fmt.Sprint("message ", i+5); m.Text != want {
			t.Fatalf("History[%d] = %q, want %q", i, m.Text, want)
		}
	}
}

func TestHistoryOutlivesThePeople(t *testing.T) {
	n := startNode(t, "")
	ann, _ := n.join("room", "Ann")
	ann.say("1", "a note to myself")
	ann.next(kindSaid)
	ann.leaves()
	ann.ends(websocket.CloseGoingAway, "")
	if _, welcome := n.join("room", "Ann"); len(welcome.History) != 1 {
		t.Errorf("History = %v, want the note", welcome.History)
	}
}

func TestWrongMessagesAreAnswered(t *testing.T) {
	n := startNode(t, "")
	ann, _ := n.join("room", "Ann")
	bo, _ := n.join("room", "Bo")
	ann.next(kindJoined)
	for _, tt := range []struct{ id, text, want string }{
		{"1", "", errTextEmpty.Error()},
		{"2", " \n\t ", errTextEmpty.Error()},
		{"3", strings.Repeat("é", maxText+1), errTextLong.Error()},
		{strings.Repeat("4", maxID+1), "text", errID.Error()},
		{"", "text", errID.Error()},
	} {
		ann.say(tt.id, tt.text)
		if m := ann.next(kindWrong); m.ID != tt.id || m.Text != tt.want {
			t.Errorf("answer to %.10q = %+v, want %q", tt.text, m, tt.want)
		}
	}
	ann.say("5", strings.Repeat("é", maxText))
	ann.next(kindSaid)
	bo.next(kindSaid)
}

func TestRefusedPeople(t *testing.T) {
	wstest.NoLeaks(t)
	n := startNode(t, "")
	n.join("room", "Ann")
	for _, tt := range []struct{ room, name, want string }{
		{"room", "", errNameEmpty.Error()},
		{"room", " \u200d ", errNameEmpty.Error()},
		{"room", strings.Repeat("é", maxName+1), errNameLong.Error()},
		{"room", "A\u202enn", errOdd.Error()},
		{"room", "Ann", errNameTaken.Error()},
		{"room", " aNN ", errNameTaken.Error()},
		{"room", "A\u200dnn", errNameTaken.Error()},
		{"", "Bo", errRoomEmpty.Error()},
		{strings.Repeat("r", maxRoom+1), "Bo", errRoomLong.Error()},
	} {
		n.dial(tt.room, tt.name, "another key").ends(closeRefused, tt.want)
	}
	n.join("another room", "Ann", "another key")
}

func TestReconnectWithTheSameKey(t *testing.T) {
	n := startNode(t, "")
	bo, _ := n.join("room", "Bo")
	first, _ := n.join("room", "Ann")
	bo.here(kindJoined, "Ann", "Bo")
	first.say("1", "said before the connection was lost")
	bo.next(kindSaid)

	// The server has not noticed yet that the first connection is gone.
	second, welcome := n.join("room", "Ann")
	if len(welcome.History) != 1 {
		t.Fatalf("History = %v, want one message", welcome.History)
	}
	second.say("1", "said before the connection was lost") // the page cannot know
	second.silent()
	second.say("2", "said after")
	second.sees(kindSaid, "Ann", "said after")
	bo.sees(kindSaid, "Ann", "said after") // and neither left nor joined, nor the first again
	first.next(kindSaid)
	first.ends(closeMoved, errMoved.Error())
	bo.silent()
}

func TestCtrlCSendsPeopleAway(t *testing.T) {
	wstest.NoLeaks(t)
	n := startNode(t, "")
	ann, _ := n.join("room", "Ann")
	bo, _ := n.join("room", "Bo")
	ann.next(kindJoined)
	go n.ctrlC()
	ann.ends(websocket.CloseGoingAway, "") // and did not see Bo leave
	bo.ends(websocket.CloseGoingAway, "")
	n.stop()
}
