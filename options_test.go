package sockets

import (
	"fmt"
	"log"
	"log/slog"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// limits formats the fields of a config that a table can compare.
func limits(c *config) string {
	return fmt.Sprint(c.writeWait, c.pongWait, c.pingPeriod, c.maxMessageSize,
		c.maxSendSize, c.sendBuffer, c.recvBuffer)
}

// Contract 6, 2.2: zero means the default, negative means off.
func TestCompile(t *testing.T) {
	const defaults = "1m0s 1m0s 48s 65536 65536 10 10"
	for _, test := range []struct {
		name    string
		options []*Options
		want    string
	}{
		{"none", nil, defaults},
		{"nil", []*Options{nil}, defaults},
		{"zero", []*Options{{}}, defaults},
		{"zero, as in the original's README", []*Options{{WriteWait: 0, PongWait: 0}},
			defaults},
		{"given",
			[]*Options{{WriteWait: 1, PongWait: 20, PingPeriod: 19, MaxMessageSize: 4,
				SendChannelBuffer: 5, RecvChannelBuffer: 6}}, "1ns 20ns 19ns 4 4 5 6"},
		{"MaxSendSize", []*Options{{MaxMessageSize: 4, MaxSendSize: 8}},
			"1m0s 1m0s 48s 4 8 10 10"},
		{"MaxSendSize off", []*Options{{MaxSendSize: -1}}, "1m0s 1m0s 48s 65536 0 10 10"},
		{"largest buffers",
			[]*Options{{SendChannelBuffer: 1 << 20, RecvChannelBuffer: 1 << 20}},
			"1m0s 1m0s 48s 65536 65536 1048576 1048576"},
		{"negative",
			[]*Options{{WriteWait: -1, PongWait: -1, PingPeriod: -1, MaxMessageSize: -1,
				SendChannelBuffer: -1, RecvChannelBuffer: -1}}, "0s 0s 0s 0 0 0 0"},
		{"very negative",
			[]*Options{{WriteWait: -1 << 63, PongWait: -1 << 63, PingPeriod: -1 << 63,
				MaxMessageSize: -1 << 63, SendChannelBuffer: math.MinInt,
				RecvChannelBuffer: math.MinInt}}, "0s 0s 0s 0 0 0 0"},

		{"PingPeriod of the given PongWait", []*Options{{PongWait: 10 * time.Second}},
			"1m0s 10s 8s 65536 65536 10 10"},
		{"PingPeriod of the largest PongWait", []*Options{{PongWait: 1<<63 - 1}},
			"1m0s 876000h0m0s 700800h0m0s 65536 65536 10 10"},
		{"PingPeriod of the smallest PongWait", []*Options{{PongWait: 1}},
			"1m0s 1ns 1ns 65536 65536 10 10"},
		{"PingPeriod just below the default PongWait",
			[]*Options{{PingPeriod: 59 * time.Second}},
			"1m0s 1m0s 59s 65536 65536 10 10"},
		{"PingPeriod of the default PongWait", []*Options{{PingPeriod: 60 * time.Second}},
			defaults},
		{"PingPeriod over the default PongWait", []*Options{{PingPeriod: time.Hour}},
			defaults},
		{"PingPeriod without PongWait", []*Options{{PongWait: -1, PingPeriod: time.Hour}},
			"1m0s 0s 1h0m0s 65536 65536 10 10"},
		{"no PongWait", []*Options{{PongWait: -1}}, "1m0s 0s 48s 65536 65536 10 10"},
		{"no pings", []*Options{{PingPeriod: -1}}, "1m0s 1m0s 0s 65536 65536 10 10"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := limits(compile(test.options)); got != test.want {
				t.Errorf("compile = %s, want %s", got, test.want)
			}
		})
	}
}

// Contract 1.6: mistakes of the programmer panic when the handler is made,
// whatever the kind.
func TestMistakes(t *testing.T) {
	for _, test := range []struct {
		name    string
		options Options
		want    string
	}{
		{"pattern", Options{AllowedOrigin: "^http://("},
			"sockets: AllowedOrigin ^http://(: error parsing regexp: missing closing )"},
		{"pattern with the placeholder", Options{AllowedOrigin: "^http://{{host}}[$"},
			"sockets: AllowedOrigin ^http://{{host}}[$: error parsing regexp: missing " +
				"closing ]"},
		{"pattern beside CheckOrigin",
			Options{AllowedOrigin: "*", Upgrader: &websocket.Upgrader{}},
			"sockets: AllowedOrigin *: error parsing regexp: missing argument"},
		{"PingPeriod of PongWait",
			Options{PongWait: time.Second, PingPeriod: time.Second},
			"sockets: PingPeriod 1s: must be below PongWait, 1s"},
		{"SendChannelBuffer", Options{SendChannelBuffer: math.MaxInt},
			fmt.Sprintf("sockets: SendChannelBuffer %d: must be at most 1048576",
				math.MaxInt)},
		{"RecvChannelBuffer", Options{RecvChannelBuffer: 1<<20 + 1},
			"sockets: RecvChannelBuffer 1048577: must be at most 1048576"},
		{"PingPeriod over PongWait",
			Options{PongWait: time.Second, PingPeriod: time.Hour},
			"sockets: PingPeriod 1h0m0s: must be below PongWait, 1s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, handler := range []func(){
				func() {
					JSON(chatMessage{}, &test.options)
				}, func() { Messages(&test.options) },
				func() { ByteSliceMessages(&test.options) },
			} {
				if got, _ := panicOf(handler).(string); !strings.HasPrefix(got,
					test.want) {
					t.Errorf("panic = %q, want %q in front", got, test.want)
				}
			}
		})
	}
}

// Contract 2.2, 1.6: more than one *Options is a mistake.
func TestSeveralOptions(t *testing.T) {
	for _, options := range [][]*Options{{{}, {}}, {nil, {}}, {nil, nil}} {
		got, _ := panicOf(func() { Messages(options...) }).(string)
		if want := "sockets: Options (2 of them): give one, or none"; got != want {
			t.Errorf("panic = %q, want %q", got, want)
		}
	}
}

// Contract 6: the default Logger and the levels. Zero means Info, and below
// zero errors only.
func TestCompileLogger(t *testing.T) {
	byDefault := compile(nil).log.out
	if byDefault.Writer() != os.Stdout || byDefault.Prefix() != "[sockets] " ||
		byDefault.Flags() != 0 {
		t.Errorf("default Logger = %+v, want standard output with the prefix [sockets]",
			byDefault)
	}
	given := log.New(os.Stderr, "", 0)
	if got := compile([]*Options{{Logger: given}}).log.out; got != given {
		t.Errorf("Logger = %+v, want the given one", got)
	}
	if got := compile([]*Options{{Slog: slog.Default()}}).log.out; got != nil {
		t.Errorf("Logger beside Slog = %+v, want none", got)
	}
	for _, test := range []struct {
		level int
		want  string // which of Error, Warning, Info, Debug are logged
	}{
		{0, "true true true false"},
		{-1, "true false false false"},
		{math.MinInt, "true false false false"},
		{LogLevelWarning, "true true false false"},
		{LogLevelInfo, "true true true false"},
		{LogLevelDebug, "true true true true"},
		{math.MaxInt, "true true true true"},
	} {
		l := compile([]*Options{{LogLevel: test.level}}).log
		if got := fmt.Sprint(l.logs(LogLevelError), l.logs(LogLevelWarning),
			l.logs(LogLevelInfo), l.logs(LogLevelDebug)); got != test.want {
			t.Errorf("LogLevel %d logs %s, want %s", test.level, got, test.want)
		}
	}
}

// unspeakable fails the test if it is formatted.
type unspeakable struct{ t *testing.T }

func (u unspeakable) String() string {
	u.t.Error("formatted what is not logged")
	return ""
}

// Contract 6: nothing is formatted under SkipLogging, or for a level that is
// not logged.
func TestNothingIsFormatted(t *testing.T) {
	var lines strings.Builder
	out := log.New(&lines, "", 0)
	skip := compile([]*Options{{Logger: out, SkipLogging: true,
		LogLevel: LogLevelDebug}}).log
	errorsOnly := compile([]*Options{{Logger: out, LogLevel: -1}}).log

	for _, l := range []level{LogLevelError, LogLevelWarning, LogLevelInfo,
		LogLevelDebug} {
		skip.print(l, source{}, "", "%v", slog.Any("", unspeakable{t}))
		if l > LogLevelError {
			errorsOnly.print(l, source{}, "", "%v", slog.Any("", unspeakable{t}))
		}
	}

	if lines.Len() > 0 {
		t.Errorf("logged %q, want nothing", lines.String())
	}
}
