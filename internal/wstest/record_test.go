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
		tb.Cleanup(func() { step("first cleanup"); tb.Errorf("failed: %d", 2) })
		tb.Cleanup(func() { step("second cleanup"); tb.Fatal("cleanup") })
		tb.Error("goes", "on")
		step("test")
		tb.Fatalf("ends %d", 1)
		step("after Fatalf")
	})
	if want := []string{fmt.Sprint("goes", "on"), "ends 1", "cleanup",
		"failed: 2"}; !slices.Equal(got, want) {
		t.Errorf("Record() = %q, want %q", got, want)
	}
	if want := []string{"test", "second cleanup", "first cleanup"}; !slices.Equal(order,
		want) {
		t.Errorf("order = %q, want %q", order, want)
	}
	if got := Record(func(testing.TB) {}); got != nil {
		t.Errorf("Record() = %q, want none", got)
	}
}
