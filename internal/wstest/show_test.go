package wstest

import (
	"strings"
	"testing"
)

func TestString(t *testing.T) {
	tests := []struct {
		frame Frame
		want  string
	}{
		{Text(strings.Repeat("a", 100)).More().WithRsv(Rsv1),
			`opcode 0x1 fin=false rsv=0x40 100 bytes "` + strings.Repeat("a", 64) + `"`},
		{Close(1001, "away"), `close 1001 "away"`},
		{CloseRaw([]byte{3}), `opcode 0x8 fin=true rsv=0x0 1 bytes "\x03"`},
	}
	for _, tt := range tests {
		if got := tt.frame.String(); got != tt.want {
			t.Errorf("String() = %s, want %s", got, tt.want)
		}
	}
}

func TestCloseCode(t *testing.T) {
	tests := []struct {
		name   string
		frame  Frame
		code   int
		reason string
		fails  bool
	}{
		{name: "code and reason", frame: Close(4000, "grüße"), code: 4000,
			reason: "grüße"},
		{name: "code", frame: Close(1000, ""), code: 1000},
		{name: "nothing", frame: CloseRaw(nil), code: 1005},
		{name: "half a code", frame: CloseRaw([]byte{3}), fails: true},
		{name: "reason not UTF-8", frame: Close(1000, "\xff"), fails: true},
		{name: "another frame", frame: Text("ab"), fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, reason, err := tt.frame.CloseCode()
			if code != tt.code || reason != tt.reason || (err != nil) != tt.fails {
				t.Errorf("CloseCode() = %d, %q, %v, want %d, %q, an error: %t", code,
					reason, err, tt.code, tt.reason, tt.fails)
			}
		})
	}
}
