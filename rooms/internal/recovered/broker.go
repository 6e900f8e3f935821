package recovered

// Broker is a rooms.Broker.
type Broker interface {
	Publish(room string, data []byte) error
	Subscribe(room string, receive func(data []byte, lost error)) error
	Unsubscribe(room string) error
}

// SteadyBroker is a broker of the program whose methods never panic.
type SteadyBroker struct{ Broker Broker }

// Publish calls Publish.
func (b SteadyBroker) Publish(room string, data []byte) error {
	return Call(func() error { return b.Broker.Publish(room, data) })
}

// Subscribe calls Subscribe.
func (b SteadyBroker) Subscribe(room string, receive func([]byte, error)) error {
	return Call(func() error { return b.Broker.Subscribe(room, receive) })
}

// Unsubscribe calls Unsubscribe.
func (b SteadyBroker) Unsubscribe(room string) error {
	return Call(func() error { return b.Broker.Unsubscribe(room) })
}
