package main

import (
	"fmt"
	"strings"
	"testing"
)

func said(id string, time int64) *Message { return &Message{Kind: kindSaid, ID: id, Time: time} }

func (h history) ids() string {
	var ids []string
	for _, m := range h {
		ids = append(ids, m.ID)
	}
	return strings.Join(ids, " ")
}

func TestHistoryKeepsEachOnceInOrder(t *testing.T) {
	var h history
	for _, tt := range []struct {
		m     *Message
		fresh bool
		want  string
	}{
		{said("b", 2), true, "b"},
		{said("d", 4), true, "b d"},
		{said("b", 9), false, "b d"}, // sent again, later
		{said("c", 2), true, "b c d"},
		{said("a", 1), true, "a b c d"},
	} {
		if fresh := h.add(tt.m); fresh != tt.fresh || h.ids() != tt.want {
			t.Errorf("add(%v) = %v, %q, want %v, %q", tt.m, fresh, h.ids(), tt.fresh, tt.want)
		}
	}
}

func TestHistoryDropsTheOldest(t *testing.T) {
	var h history
	for i := range maxHistory {
		h.add(said(fmt.Sprint(i), int64(i+10)))
	}
	handedOut := h
	if h.add(said("too old", 1)) {
		t.Error("a full history took what is older than all of it")
	}
	if !h.add(said("new", 1000)) || len(h) != maxHistory || h[0].ID != "1" || h.latest() != 1000 {
		t.Errorf("history = %s", h.ids())
	}
	if handedOut[0].ID != "0" {
		t.Error("a slice that was handed out has changed")
	}
}

func TestDigestKnowsNoOrder(t *testing.T) {
	a, b := history{said("1", 1), said("2", 2)}, history{said("2", 1), said("1", 2)}
	if a.digest() != b.digest() || a.digest() == a[:1].digest() {
		t.Errorf("digests = %x, %x, %x", a.digest(), b.digest(), a[:1].digest())
	}
}
