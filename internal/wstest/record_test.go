package wstest

import (
	"fmt"
	"slices"
	"testing"
)

func TestRecord(t *testing.T) {
	var order []string
	step := func(s string) { order = append(order, s) }
	got := Record(func(tb testing.TB) {
		tb.Cleanup(func() { step("first cleanup"); tb.Errorf("failed: %t", tb.Failed()) })
		tb.Cleanup(func() { step("second cleanup"); tb.Fatal("cleanup") })
		tb.Log("not a failure")
		tb.Error("goes", "on")
		step("test")
		tb.Fatalf("ends %d", 1)
		step("after Fatalf")
	})
	if want := []string{fmt.Sprint("goes", "on"), "ends 1", "cleanup",
		"failed: true"}; !slices.Equal(got, want) {
		t.Errorf("Record() = %q, want %q", got, want)
	}
	if want := []string{"test", "second cleanup", "first cleanup"}; !slices.Equal(order,
		want) {
		t.Errorf("order = %q, want %q", order, want)
	}
	if got := Record(func(tb testing.TB) { tb.FailNow() }); len(got) != 1 {
		t.Errorf("Record() of FailNow = %q, want one failure", got)
	}
	if got := Record(func(testing.TB) {}); got != nil {
		t.Errorf("Record() = %q, want none", got)
	}
}
