package apptest

// Echo sends back every message, of any type, until done.
func Echo[M any](receiver <-chan M, sender chan<- M, done <-chan bool) {
	for {
		select {
		case m := <-receiver:
			sender <- m
		case <-done:
			return
		}
	}
}

// WaitForDone is a handler that only waits for the end.
func WaitForDone(done <-chan bool) { <-done }

// Outcome is what a handler saw of its connection.
type Outcome struct {
	Received []string
	Err      error // the last error
	Errs     int   // the number of errors
	Done     bool
}

// UntilDone returns a handler of strings that takes everything, as one select
// does, until done. It then sends what it saw on the returned channel.
func UntilDone() (func(<-chan string, <-chan bool, <-chan error), <-chan Outcome) {
	outcomes := make(chan Outcome, 100)
	return func(receiver <-chan string, done <-chan bool, errs <-chan error) {
		var o Outcome
		for !o.Done {
			select {
			case m := <-receiver:
				o.Received = append(o.Received, m)
			case err, ok := <-errs:
				if ok {
					o.Errs++
					o.Err = err
				}
			case o.Done = <-done:
			}
		}
		outcomes <- o
	}, outcomes
}
