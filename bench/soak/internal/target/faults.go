package target

// Fault is what a broken server does with one message.
type Fault int

// The faults that a soak must notice.
const (
	None Fault = iota
	Lost
	Doubled
	Late // sent after the next one
)

// Faults break a server on purpose: they show that the soak notices. Zero is a server as
// it should be.
type Faults struct {
	Message func(nth int64) Fault // what happens to the nth message of the server
	Opened  func()                // called for each connection, and may leak something
}

func (f Faults) opened() {
	if f.Opened != nil {
		f.Opened()
	}
}

// outlet is where the messages of one connection go out, and where they meet their
// faults.
type outlet[M any] struct {
	t    *Target
	send func(M)
	late []M
}

func (o *outlet[M]) pass(m M) {
	fault := None
	if n := o.t.messages.Add(1); o.t.faults.Message != nil {
		fault = o.t.faults.Message(n)
	}
	switch fault {
	case Lost:
		return
	case Late:
		o.late = append(o.late, m)
		return
	case Doubled:
		o.send(m)
	}
	o.send(m)
	for _, late := range o.late {
		o.send(late)
	}
	o.late = nil
}
