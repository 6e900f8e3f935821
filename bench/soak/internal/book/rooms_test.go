package book

import (
	"fmt"
	"strings"
	"testing"
)

func TestHears(t *testing.T) {
	for _, tt := range []struct {
		name           string
		before, joined []int64 // heard before and after the word that the member has joined
		want           string  // in the error for the last; empty for none
	}{
		{"in order", nil, []int64{1, 2, 3}, ""},
		{"from the middle, before it knows", []int64{5}, []int64{6, 7}, ""},
		{"from the middle, afterwards", nil, []int64{2}, "lost"},
		{"a gap", nil, []int64{1, 3}, "lost"},
		{"a gap at the word", []int64{1}, []int64{3}, "lost"},
		{"twice", nil, []int64{1, 1}, "twice"},
		{"late", nil, []int64{1, 2, 1}, "late"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b Rooms
			m := b.Join("room", "listener")
			var err error
			for _, n := range tt.before {
				err = m.Hears("speaker", n)
			}
			m.Joined()
			for _, n := range tt.joined {
				if err != nil {
					t.Fatalf("Hears before the last = %v, want nil", err)
				}
				err = m.Hears("speaker", n)
			}
			got := fmt.Sprint(err)
			if (err == nil) != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("Hears = %v, want %q", err, tt.want)
			}
		})
	}
}

// What was said before a member came is not due to it, nor what nobody can know to have
// been broadcast.
func TestDue(t *testing.T) {
	var b Rooms
	speaker, early := join(&b, "speaker"), join(&b, "early")
	say(t, speaker, 3) // its third may still be under way
	late := join(&b, "late")
	for name, tt := range map[string]struct {
		member *Member
		want   int64
	}{"early": {early, 2}, "late": {late, 0}} {
		if got := tt.member.Due()["speaker"]; got != tt.want {
			t.Errorf("%s: Due = %d of the speaker's, want %d", name, got, tt.want)
		}
	}
	say(t, speaker, 2)
	if got := late.Due()["speaker"]; got != 4 {
		t.Errorf("late: Due = %d of the speaker's, want 4", got)
	}
	speaker.Left(true)
	if got := late.Due()["speaker"]; got != 5 {
		t.Errorf("late: Due after the speaker has left = %d, want 5", got)
	}
}

// A speaker may leave while a member that was there already has not yet read that it is.
func TestHearsAfterASpeakerHasLeft(t *testing.T) {
	var b Rooms
	speaker, listener := join(&b, "speaker"), b.Join("room", "listener")
	say(t, speaker, 3)
	speaker.Left(true)
	listener.Joined()
	if err := listener.Hears("speaker", 3); err != nil {
		t.Errorf("Hears = %v, want nil", err)
	}
	if got := listener.Due(); len(got) > 0 {
		t.Errorf("Due = %v, want nothing", got)
	}
}

func TestMissing(t *testing.T) {
	var b Rooms
	speaker, listener := join(&b, "speaker"), join(&b, "listener")
	say(t, speaker, 2)
	speaker.Left(true)
	for n := int64(1); n <= 2; n++ {
		if got := listener.Missing(listener.Due()); got == "" {
			t.Errorf("Missing before message %d = nothing, want it", n)
		}
		if err := listener.Hears("speaker", n); err != nil {
			t.Fatal(err)
		}
	}
	if got := listener.Missing(listener.Due()); got != "" {
		t.Errorf("Missing = %q, want nothing", got)
	}
}

func TestARoomIsForgottenWithItsLastMember(t *testing.T) {
	var b Rooms
	one, two := join(&b, "one"), b.Join("room", "two")
	one.Left(true)
	if got := b.Open(); got != 1 {
		t.Errorf("Open with a member that is joining = %d, want 1", got)
	}
	two.Left(false)
	if got := b.Open(); got != 0 {
		t.Errorf("Open without members = %d, want 0", got)
	}
}

func join(b *Rooms, id string) *Member {
	m := b.Join("room", id)
	m.Joined()
	return m
}

// say says n messages, which the speaker hears.
func say(t *testing.T, speaker *Member, n int) {
	t.Helper()
	for range n {
		if err := speaker.Hears(speaker.id, speaker.Says()); err != nil {
			t.Fatal(err)
		}
	}
}
