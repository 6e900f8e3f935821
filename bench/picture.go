package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// The frame of the README's picture, 720 pixels wide, which also serves readers whose
// system is dark; the title of a group; and a bar with its name and figure.
const (
	pictureFrame = `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 720 %d">
<title>CPU time and memory of the server, beside others: less is better</title>
<style>
text { font: 13px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; fill: #1f2328 }
.bar { fill: #c2c9d1 }
.ours { fill: #1f6feb }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 }
  .title { fill: #f0f6fc }
  .bar { fill: #484f58 }
  .ours { fill: #4493f8 }
}
</style>
<text class="title" x="16" y="30" style="font-size: 17px">What the server spends</text>
<text x="16" y="52">CPU time per message or connection, and memory. Less is better.</text>
%s</svg>
`
	pictureGroup = `<text class="title" x="16" y="%d">%s</text>
`
	pictureBar = `<text x="212" y="%[1]d" text-anchor="end">%[2]s</text>
<rect class="bar%[3]s" x="220" y="%[4]d" width="%.1[5]f" height="18" rx="2"/>
<text x="%.1[6]f" y="%[1]d">%[7]s %[8]s</text>
`
)

// picture returns the README's picture as SVG: where the library gains most, and where it
// costs more. Each group is sorted, the least first; its longest bar has the whole width.
func (f *figures) picture() string {
	var w strings.Builder
	y := 64
	group := func(title, unit string, t table, row string) {
		type bar struct {
			name string
			long float64
		}
		var bars []bar
		for _, c := range f.order {
			m, _ := median(f.of[c])
			if c.table == t && c.row == row+", "+unit && !math.IsNaN(m) {
				bars = append(bars, bar{c.column, m})
			}
		}
		if len(bars) == 0 {
			return // it was not measured
		}
		slices.SortFunc(bars, func(a, b bar) int { return cmp.Compare(a.long, b.long) })
		y += 22
		fmt.Fprintf(&w, pictureGroup, y, title)
		for _, b := range bars {
			y += 22
			ours, width := "", b.long/bars[len(bars)-1].long*410
			if strings.HasPrefix(b.name, "sockets") {
				ours = " ours"
			}
			fmt.Fprintf(&w, pictureBar, y, b.name, ours, y-14, width, width+228,
				number(b.long), unit)
		}
		y += 11
	}
	group("Echo, 16 messages in flight", "µs", tableCPU, "echo, 16 in flight")
	group("JSON, 16 messages in flight", "µs", tableCPU, "JSON, 16 in flight")
	group("One to 200, bursts of 16", "µs", tableFan, "text, bursts of 16")
	group("Echo, one message at a time", "µs", tableCPU, "echo, ping-pong")
	group("Connect, echo once, close", "µs", tableCPU, "connect, echo once, close")
	group("Memory of an idle connection", "KB", tableCPU, "idle connection")
	return fmt.Sprintf(pictureFrame, y, w.String())
}
