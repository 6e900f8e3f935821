// Package socketsprom exports to Prometheus what a sockets.Group, the rooms of package
// rooms and a presence count:
//
//	prometheus.MustRegister(
//		socketsprom.NewGroupCollector(&group, "chat"),
//		socketsprom.NewRoomsCollector(chat, "chat"),
//		socketsprom.NewPresenceCollector(people, "chat"),
//	)
//	http.Handle("/metrics", promhttp.Handler())
//
// Each collector has a name, which is the label "group", "rooms" or "presence". Register
// two of a kind with different names. The collectors are safe for concurrent use. They
// read the counts when they are asked, and a message costs no more because of them.
//
// No label holds what a client chooses: its private close codes, 3000 to 4999, are
// counted together as 3xxx and 4xxx.
package socketsprom

import (
	"strconv"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/presence"
	"github.com/prometheus/client_golang/prometheus"
)

// metrics is a collector. read passes each value to the function that it is given, with
// the descriptor and the values of the labels.
type metrics struct {
	descs []*prometheus.Desc
	read  func(emit func(d *prometheus.Desc, v float64, labels ...string))
	// gauges are the descriptors of values that may fall.
	gauges map[*prometheus.Desc]bool
	labels prometheus.Labels
}

// Describe sends the descriptors.
func (m *metrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range m.descs {
		to <- d
	}
}

// Collect reads the counts and sends them.
func (m *metrics) Collect(to chan<- prometheus.Metric) {
	m.read(func(d *prometheus.Desc, v float64, labels ...string) {
		kind := prometheus.CounterValue
		if m.gauges[d] {
			kind = prometheus.GaugeValue
		}
		to <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	})
}

func newMetrics(label, name string) *metrics {
	return &metrics{gauges: map[*prometheus.Desc]bool{},
		labels: prometheus.Labels{label: name}}
}

func (m *metrics) counter(name, help string, labels ...string) *prometheus.Desc {
	d := prometheus.NewDesc("sockets_"+name, help, labels, m.labels)
	m.descs = append(m.descs, d)
	return d
}

func (m *metrics) gauge(name, help string) *prometheus.Desc {
	d := m.counter(name, help)
	m.gauges[d] = true
	return d
}

// refusals are those of which a group tells from the start, with zero.
var refusals = []sockets.Refusal{sockets.RefusedMethod, sockets.RefusedOrigin,
	sockets.RefusedHandshake, sockets.RefusedShutdown, sockets.RefusedFull,
	sockets.RefusedKey}

// NewGroupCollector returns a collector of what a Group counts. Name is the label
// "group". The collector takes time in proportion to the connections: for 10,000 of them,
// less than a millisecond.
func NewGroupCollector(g *sockets.Group, name string) prometheus.Collector {
	m := newMetrics("group", name)
	open := m.gauge("connections", "Open connections.")
	opened := m.counter("connections_opened_total", "Handshakes that succeeded.")
	refused := m.counter("connections_refused_total",
		"Requests that did not become a connection.", "reason")
	ended := m.counter("connections_ended_total",
		"Connections that have ended, by who ended them and the close code.", "by", "code")
	messagesIn := m.counter("received_messages_total", "Messages from clients.")
	messagesOut := m.counter("sent_messages_total", "Messages that the network took.")
	bytesIn := m.counter("received_bytes_total",
		"Bytes of messages from clients, decompressed.")
	bytesOut := m.counter("sent_bytes_total",
		"Bytes of messages that the network took, before compression.")
	m.read = func(emit func(*prometheus.Desc, float64, ...string)) {
		s := g.Stats()
		emit(open, float64(s.Open))
		emit(opened, float64(s.Opened))
		for _, reason := range refusals {
			emit(refused, float64(s.Refused[reason]), string(reason))
		}
		for end, n := range byLabels(s.Ended) {
			emit(ended, float64(n), end.by, end.code)
		}
		emit(messagesIn, float64(s.MessagesIn))
		emit(messagesOut, float64(s.MessagesOut))
		emit(bytesIn, float64(s.BytesIn))
		emit(bytesOut, float64(s.BytesOut))
	}
	return m
}

// labels are those of an end.
type labels struct{ by, code string }

// byLabels adds up the ends that have the same labels.
func byLabels(ended map[sockets.End]int64) map[labels]int64 {
	sum := make(map[labels]int64)
	for end, n := range ended {
		sum[labels{end.By, codeLabel(end)}] += n
	}
	return sum
}

// codeLabel returns the close code as a label. The handler's own codes are the program's.
func codeLabel(end sockets.End) string {
	switch {
	case end.By != "client" || end.Code < 3000:
		return strconv.Itoa(end.Code)
	case end.Code < 4000:
		return "3xxx"
	}
	return "4xxx"
}

// NewRoomsCollector returns a collector of what rooms.Rooms counts, of any type of
// messages. Name is the label "rooms".
func NewRoomsCollector(r interface{ Stats() rooms.Stats }, name string) prometheus.Collector {
	m := newMetrics("rooms", name)
	number := m.gauge("rooms", "Rooms of this process that have members.")
	members := m.gauge("rooms_members", "Members of all rooms of this process.")
	behind := m.gauge("rooms_members_behind", "Members with a backlog.")
	removed := m.counter("rooms_removed_members_total", "Members that a room has removed.")
	undecodable := m.counter("rooms_undecodable_messages_total",
		"Messages from other processes that could not be decoded.")
	failed := m.counter("rooms_errors_total",
		"Errors of the broker or the log, and of encoding for them.")
	replaced := m.counter("rooms_replaced_messages_total",
		"Messages that a member skipped, because a later one took their place.")
	m.read = func(emit func(*prometheus.Desc, float64, ...string)) {
		s := r.Stats()
		emit(number, float64(s.Rooms))
		emit(members, float64(s.Members))
		emit(behind, float64(s.Behind))
		emit(removed, float64(s.Removed))
		emit(undecodable, float64(s.Undecodable))
		emit(failed, float64(s.Failed))
		emit(replaced, float64(s.Replaced))
	}
	return m
}

// NewPresenceCollector returns a collector of how many people a presence.Presence lists,
// of any type of values. Name is the label "presence".
func NewPresenceCollector(
	p interface{ Stats() presence.Stats }, name string,
) prometheus.Collector {
	m := newMetrics("presence", name)
	number := m.gauge("presence_rooms", "Rooms with people in them, in all processes.")
	people := m.gauge("presence_people", "People in all rooms, in all processes.")
	m.read = func(emit func(*prometheus.Desc, float64, ...string)) {
		s := p.Stats()
		emit(number, float64(s.Rooms))
		emit(people, float64(s.People))
	}
	return m
}
