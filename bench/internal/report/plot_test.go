package report

import (
	"encoding/xml"
	"io"
	"math"
	"strings"
	"testing"
)

// A picture is well-formed, its bars are as long as their figures, and what has none is
// not in it.
func TestPlot(t *testing.T) {
	var b Board
	cell := func(column string) Cell { return Cell{"t", "r", column} }
	b.Add(cell("ours"), 0, 2)
	b.Add(cell("theirs"), 0, 4)
	b.Add(cell("froze"), 0, math.NaN())
	var out strings.Builder
	err := b.Plot(&out, "a < b", []Group{
		{Title: "row", Bars: []Bar{
			{"ours", cell("ours"), true}, {"theirs", cell("theirs"), false},
			{"froze", cell("froze"), false}, {"absent", cell("absent"), false}}},
		{Title: "not measured", Bars: []Bar{{"absent", cell("absent"), false}}},
	})
	got := out.String()
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(strings.NewReader(got)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("the picture is not well-formed: %v", err)
		}
	}
	for _, want := range []string{
		"a &lt; b", `class="bar ours" x="170" y="46" width="227.0"`, `width="454.0"`, "2.00 µs"} {
		if !strings.Contains(got, want) {
			t.Errorf("the picture has no %s:\n%s", want, got)
		}
	}
	for _, never := range []string{"froze", "absent", "not measured"} {
		if strings.Contains(got, never) {
			t.Errorf("the picture has %q, which has no figure", never)
		}
	}
}
