package rooms_test

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

type Message struct {
	Name, Text string
}

// A chat. In a program, handle is the handler behind sockets.JSON(Message{}), and the
// channels are injected.
func Example() {
	chat := rooms.New[*Message](nil)
	handle := func(
		receiver <-chan *Message, sender chan<- *Message, done <-chan bool, disconnect chan<- int,
	) {
		member, err := chat.Join("lobby", sender, disconnect, "ann")
		if err != nil {
			fmt.Println(err)
			return
		}
		defer member.Leave()
		for {
			select {
			case message := <-receiver:
				if err := member.BroadcastOthers(message); err != nil {
					sender <- &Message{"server", err.Error()}
				}
			case <-done:
				return
			}
		}
	}

	bob := make(chan *Message, 1)
	member, _ := chat.Join("lobby", bob, nil, "bob")
	defer member.Leave()
	receiver, done := make(chan *Message), make(chan bool)
	go handle(receiver, make(chan *Message, 1), done, nil)
	receiver <- &Message{"ann", "hello"}
	fmt.Println((<-bob).Text)
	close(done)
	// Output: hello
}

// From outside any connection: a job that tells everyone.
func ExampleRooms_Broadcast() {
	news := rooms.New[string](nil)
	ann, bob := make(chan string, 1), make(chan string, 1)
	news.Join("sports", ann, nil, "ann")
	news.Join("sports", bob, nil, "bob")
	news.Broadcast("sports", "1:0")
	fmt.Println(<-ann, <-bob)
	// Output: 1:0 1:0
}

func ExampleRooms_BroadcastExcept() {
	news := rooms.New[string](nil)
	ann, bob := make(chan string, 1), make(chan string, 1)
	member, _ := news.Join("sports", ann, nil, "ann")
	news.Join("sports", bob, nil, "bob")
	news.BroadcastExcept("sports", "ann has joined", member)
	fmt.Println(len(ann), <-bob)
	// Output: 0 ann has joined
}

func ExampleRooms_Members() {
	chat := rooms.New[string](nil)
	chat.Join("lobby", make(chan string, 1), nil, "bob")
	chat.Join("lobby", make(chan string, 1), nil, "ann")
	var names []string
	for _, name := range chat.Members("lobby") {
		names = append(names, name.(string))
	}
	sort.Strings(names)
	fmt.Println(chat.Len("lobby"), names)
	// Output: 2 [ann bob]
}

func ExampleMember_Leave() {
	chat := rooms.New[string](nil)
	ann := make(chan string, 1)
	member, _ := chat.Join("lobby", ann, nil, "ann")
	member.Leave()
	member.Leave()
	chat.Broadcast("lobby", "hello")
	fmt.Println(len(ann), chat.Len("lobby"))
	// Output: 0 0
}

// A member that takes nothing is removed when its backlog is full, and disconnected with
// 1013.
func ExampleOptions() {
	told := make(chan string)
	chat := rooms.New(&rooms.Options[string]{
		Backlog: 1,
		OnRemove: func(room string, attached any, reason error) {
			told <- fmt.Sprint(attached, ": ", reason)
		},
	})
	disconnect := make(chan int, 1)
	chat.Join("lobby", make(chan string), disconnect, "ann")
	chat.Broadcast("lobby", "waits")
	chat.Broadcast("lobby", "is too much")
	fmt.Println(<-disconnect)
	fmt.Println(<-told)
	fmt.Println(chat.Stats().Removed)
	// Output:
	// 1013
	// ann: rooms: the backlog passed its bound
	// 1
}

// Two processes. In a program, each has a broker of package natsrooms.
func ExampleBroker() {
	var network brokertest.Memory
	here := rooms.New(&rooms.Options[*Message]{Broker: network.Broker()})
	there := rooms.New(&rooms.Options[*Message]{Broker: network.Broker()})

	ann, bob := make(chan *Message, 1), make(chan *Message, 1)
	here.Join("lobby", ann, nil, "ann")
	there.Join("lobby", bob, nil, "bob")
	if err := here.Broadcast("lobby", &Message{"ann", "hello"}); err != nil {
		fmt.Println(err)
	}
	fmt.Println((<-ann).Text, (<-bob).Text)
	// Output: hello hello
}

// A client that comes back gets what it has missed.
func ExampleLogRooms_JoinAfter() {
	chat := rooms.NewOnLog[string](memlog.New(50, time.Minute), nil)
	ctx := context.Background()
	position, _ := chat.Say(ctx, "lobby", "id 1", "what ann has seen")
	chat.Say(ctx, "lobby", "id 2", "what she has missed")

	ann := make(chan string, 10)
	me, missed, err := chat.JoinAfter("lobby", position, ann, nil, "ann")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer me.Leave()
	for _, said := range missed.Messages {
		fmt.Println(said.Value)
	}
	fmt.Println("complete:", missed.Complete)
	me.Start()
	chat.Say(ctx, "lobby", "id 3", "what is live")
	fmt.Println(<-ann)
	// Output:
	// what she has missed
	// complete: true
	// what is live
}

// Typed messages carry their position: a client knows where it was from what it has got.
func ExampleLogRooms_JoinAfter_stamp() {
	type Line struct {
		Text string `json:"text"`
		At   string `json:"at,omitempty"`
	}
	chat := rooms.NewOnLog(memlog.New(50, time.Minute), &rooms.Options[*Line]{
		Stamp: func(l *Line, position string) *Line { l.At = position; return l },
	})
	ctx := context.Background()
	ann := make(chan *Line, 10)
	me, _, _ := chat.JoinAfter("lobby", "", ann, nil, "ann")
	me.Start()
	me.Say(ctx, "id 1", &Line{Text: "hello"})
	seen := <-ann // the last before she is cut off
	me.Leave()
	chat.Say(ctx, "lobby", "id 2", &Line{Text: "hello, ann"})

	me, missed, _ := chat.JoinAfter("lobby", seen.At, ann, nil, "ann")
	defer me.Leave()
	for _, said := range missed.Messages {
		fmt.Println(said.Value.Text, said.Value.At == said.Position)
	}
	fmt.Println("complete:", missed.Complete)
	// Output:
	// hello, ann true
	// complete: true
}

// A page that does not know whether its message has arrived says it again.
func ExampleLogRooms_Say() {
	chat := rooms.NewOnLog[string](memlog.New(50, time.Minute), nil)
	first, _ := chat.Say(context.Background(), "lobby", "ann/7", "hello")
	again, _ := chat.Say(context.Background(), "lobby", "ann/7", "hello")
	fmt.Println(first == again)
	// Output: true
}
