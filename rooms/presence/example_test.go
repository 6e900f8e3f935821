package presence_test

import (
	"fmt"
	"slices"

	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/presence"
)

// A chat with names that only one may have. In a program, enter is called by the handler,
// and the answer is a message to the client.
func ExamplePresence() {
	here := presence.New[string](nil)
	defer here.Close()
	enter := func(name, from string) (*presence.Visitor[string], error) {
		me, err := here.Enter("lobby", name, from)
		if err != nil {
			return nil, err
		}
		if here.Find("lobby", name)[0].ID != me.ID() {
			me.Leave()
			return nil, fmt.Errorf("%s is here already", name)
		}
		return me, nil
	}

	ann, _ := enter("ann", "Berlin")
	enter("bob", "Lagos")
	_, err := enter("ann", "Lima")
	fmt.Println(err)
	ann.Update("Paris")
	for _, person := range here.List("lobby") {
		fmt.Println(person.Key, person.Visits[0].Value)
	}
	ann.Leave()
	fmt.Println(here.Len("lobby"))
	// Output:
	// ann is here already
	// ann Paris
	// bob Lagos
	// 1
}

// A lobby that shows how many people are in each room, live. In a program, the hook calls
// Broadcast, and each process has a broker of package natsrooms.
func ExampleOptions() {
	var network brokertest.Memory
	counts := make(chan string, 10)
	lobby := presence.New(&presence.Options[string]{
		Broker: network.Broker(),
		OnChange: func(p *presence.Presence[string], room string, changes []presence.Change[string]) {
			for _, c := range changes {
				if c.Entered() || c.Left() {
					counts <- fmt.Sprint(c.Key, ": ", room, " has ", p.Len(room))
				}
			}
		},
	})
	defer lobby.Close()
	elsewhere := presence.New(&presence.Options[string]{Broker: network.Broker()})
	defer elsewhere.Close()

	me, _ := elsewhere.Enter("garden", "ann", "phone")
	fmt.Println(<-counts)
	me.Update("laptop") // is no news for the lobby
	me.Leave()
	fmt.Println(<-counts)
	// Output:
	// ann: garden has 1
	// ann: garden has 0
}

// Several connections of one person are one person.
func ExamplePerson() {
	here := presence.New[string](nil)
	defer here.Close()
	phone, _ := here.Enter("lobby", "ann", "phone")
	here.Enter("lobby", "ann", "laptop")
	var devices []string
	for _, visit := range here.List("lobby")[0].Visits {
		devices = append(devices, visit.Value)
	}
	slices.Sort(devices)
	fmt.Println(here.Len("lobby"), devices)
	phone.Leave()
	fmt.Println(here.Len("lobby"))
	// Output:
	// 1 [laptop phone]
	// 1
}
