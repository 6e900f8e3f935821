package subjects

import (
	"strings"
	"testing"
)

// Contract 10.4: any string is a room name.
func TestToken(t *testing.T) {
	tests := []struct {
		name, room, want string
	}{
		{name: "empty", room: "", want: "n"},
		{name: "plain", room: "lobby", want: "nbG9iYnk"},
		{name: "dot", room: ".", want: "nLg"},
		{name: "star", room: "*", want: "nKg"},
		{name: "all", room: ">", want: "nPg"},
		{name: "blanks", room: " \t\r\n", want: "nIAkNCg"},
		{name: "both letters beyond letters and digits", room: "\xfb\xff", want: "n-_8"},
		{name: "longest as it is", room: strings.Repeat("a", 128),
			want: "n" + strings.Repeat("YWFh", 42) + "YWE"},
		{name: "hashed", room: strings.Repeat("a", 129),
			want: "hwSywJKLlVRzKDgj86PHF4xRVXMP-9jKe6ZSj23UhZq4"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Token(test.room); got != test.want {
				t.Errorf("Token(%q) = %q, want %q", test.room, got, test.want)
			}
		})
	}
}

// FuzzToken: a token is one token of a subject, short enough, and another room has
// another one.
func FuzzToken(f *testing.F) {
	f.Add("", ".")
	f.Add("a", "A")
	f.Add(strings.Repeat("a", 128), strings.Repeat("a", 129))
	f.Fuzz(func(t *testing.T, a, b string) {
		got := Token(a)
		if got == "" || len(got) > 200 || strings.ContainsFunc(got, func(r rune) bool {
			return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZ"+
				"abcdefghijklmnopqrstuvwxyz0123456789-_", r)
		}) {
			t.Errorf("Token(%q) = %q, want letters, digits, - and _", a, got)
		}
		if (Token(b) == got) != (a == b) {
			t.Errorf("Token(%q) = Token(%q) = %q", a, b, got)
		}
	})
}
