package redisrooms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"
)

// reply is an error of the server.
type reply string

func (r reply) Error() string { return string(r) }

func (reply) RedisError() {}

// Contract 11.2: only what will never be in the log is refused.
func TestJudge(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want outcome
	}{
		{name: "no memory", err: reply("OOM command not allowed when used memory > 'maxmemory'."),
			want: refused},
		{name: "loading", err: reply("LOADING Redis is loading the dataset in memory"),
			want: refused},
		{name: "no replicas", err: reply("NOREPLICAS Not enough good replicas to write."),
			want: refused},
		{name: "no right", err: fmt.Errorf("x: %w", reply("NOPERM no")), want: refused},
		{name: "a replica", err: reply("READONLY You can't write against a read only replica."),
			want: moving},
		{name: "moved", err: reply("MOVED 1 127.0.0.1:2"), want: moving},
		{name: "half moved", err: reply("TRYAGAIN Multiple keys"), want: moving},
		{name: "of the script", want: refused,
			err: reply("ERR can't run this [GET x] script: 12, on @user_script:5.")},
		{name: "no such command", err: reply("ERR unknown command 'evalsha'"), want: refused},
		{name: "too many", err: reply("ERR max number of clients reached"), want: refused},
		{name: "of a proxy", err: reply("ERR upstream failure"), want: unknown},
		{name: "of a later server", err: reply("LATER"), want: unknown},
		{name: "no word", err: reply(""), want: unknown},
		{name: "not dialled", want: refused,
			err: fmt.Errorf("x: %w", &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded})},
		{name: "not written, perhaps", want: unknown,
			err: &net.OpError{Op: "write", Err: os.ErrDeadlineExceeded}},
		{name: "no connection was free", err: redis.ErrPoolTimeout, want: refused},
		{name: "the client is closed", err: redis.ErrClosed, want: refused},
		{name: "no answer", err: io.EOF, want: unknown},
		{name: "no answer in time", err: context.DeadlineExceeded, want: unknown},
		{name: "another answer", err: errAnswer, want: unknown},
		{name: "anything", err: errors.New("LOADING"), want: unknown},
	}
	for _, test := range tests {
		if got := judge(test.err); got != test.want {
			t.Errorf("%s: judge(%v) = %v, want %v", test.name, test.err, got, test.want)
		}
	}
}
