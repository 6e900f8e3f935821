package natsrooms

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// pipeLog makes a log that does not look at its stream, on a server that answers no
// request.
func pipeLog(t *testing.T) *Log {
	t.Helper()
	_, nc := connectPipe(t)
	l := &Log{options: compileLog(nil), turns: turns{rooms: make(map[string]*turn)}}
	l.link, l.stream = newLink(nc, nil), newStream(l)
	l.pool = newPool[*follower](l.link, l.options.Pending, func(error) {})
	t.Cleanup(l.Close)
	return l
}

// Contract 11.5: the waits for an answer. Most are short, so that another server is asked
// soon; every third is longer, and each of these twice the one before.
func TestBatchWait(t *testing.T) {
	for try, want := range []time.Duration{1, 1, 2, 1, 1, 4, 1, 1, 8} {
		if got := batchWait(try); got != want*firstWait {
			t.Errorf("batchWait(%d) = %v, want %v", try, got, want*firstWait)
		}
	}
}

// batchPart is a message of a batch.
func batchPart(seq, before string) *nats.Msg {
	return republished("Nats-Sequence", seq, "Nats-Last-Sequence", before)
}

// batchEnd is the message that ends a batch.
func batchEnd(status string, headers ...string) *nats.Msg {
	msg := nats.NewMsg("answers")
	msg.Header.Set("Status", status)
	for i := 0; i < len(headers); i += 2 {
		msg.Header.Set(headers[i], headers[i+1])
	}
	return msg
}

// Contract 11.3: a batch of which something is missing is none.
func TestCollect(t *testing.T) {
	noTime := batchPart("7", "3")
	noTime.Header.Del("Nats-Time-Stamp")
	first, next := batchPart("3", "0"), batchPart("7", "3")
	tests := []struct {
		name    string
		answers []*nats.Msg
		batch   int
		more    bool
		want    error
	}{
		{name: "all", batch: 2, answers: []*nats.Msg{first, next,
			batchEnd("204", "Nats-Last-Sequence", "7", "Nats-Num-Pending", "0")}},
		{name: "more to come", batch: 1, more: true, answers: []*nats.Msg{first,
			batchEnd("204", "Nats-Last-Sequence", "3", "Nats-Num-Pending", "1")}},
		{name: "none", answers: []*nats.Msg{batchEnd("404")}},
		{name: "no server has the stream", answers: []*nats.Msg{batchEnd("503")},
			want: nats.ErrNoResponders},
		{name: "another status", answers: []*nats.Msg{batchEnd("408")}, want: errBadAnswer},
		{name: "the first is lost", want: errBadAnswer, answers: []*nats.Msg{next,
			batchEnd("204", "Nats-Last-Sequence", "7", "Nats-Num-Pending", "0")}},
		{name: "the last is lost", want: errBadAnswer, answers: []*nats.Msg{first,
			batchEnd("204", "Nats-Last-Sequence", "7", "Nats-Num-Pending", "0")}},
		{name: "no time", want: errBadAnswer, answers: []*nats.Msg{first, noTime,
			batchEnd("204", "Nats-Last-Sequence", "7", "Nats-Num-Pending", "0")}},
		{name: "the end is lost", answers: []*nats.Msg{first}, want: errNoAnswer},
	}
	l := pipeLog(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answers := make(chan *nats.Msg, len(test.answers))
			for _, msg := range test.answers {
				answers <- msg
			}
			wait := time.Minute
			if test.want == errNoAnswer {
				wait = time.Millisecond
			}
			batch, more, err := l.collect(t.Context(), answers, wait)
			if !errors.Is(err, test.want) {
				t.Fatalf("collect = %v, want %v", err, test.want)
			}
			if err == nil && (len(batch) != test.batch || more != test.more) {
				t.Errorf("collect = %d entries, more %v, want %d, more %v",
					len(batch), more, test.batch, test.more)
			}
		})
	}
}

// Contract 11.5: who waits for an answer learns why none will come.
func TestNoAnswer(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	tests := []struct {
		name string
		ctx  context.Context
		harm func(l *Log)
		want error
	}{
		{name: "the time is over", ctx: ended, want: context.Canceled},
		{name: "the log is closed", harm: (*Log).Close, want: ErrClosed},
		{name: "NATS is away", harm: func(l *Log) { l.link.conn().Close() },
			want: nats.ErrConnectionClosed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := pipeLog(t)
			if test.harm != nil {
				test.harm(l)
			}
			ctx := test.ctx
			if ctx == nil {
				ctx = t.Context()
			}
			if _, err := l.next(ctx, nil, time.Minute); !errors.Is(err, test.want) {
				t.Errorf("next = %v, want %v", err, test.want)
			}
		})
	}
}
