package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"
)

// Group is one comparison of a picture: a title, and a bar for each figure.
type Group struct {
	Title string
	Bars  []Bar
}

// Bar is one figure of a group. Ours is what the picture is about.
type Bar struct {
	Label string
	Cell  Cell
	Ours  bool
}

// The measures of a picture, in pixels.
const (
	plotWidth  = 720
	plotLabels = 170 // left of the bars
	plotValues = 80  // right of the longest bar
	plotBar    = 18
	plotGap    = 4
	plotTitle  = 30
	plotFrame  = 16
)

// plotStyle also serves readers whose system is dark.
const plotStyle = `<style>
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
`

// Plot writes a picture of the medians as SVG: horizontal bars, in each group as long as
// their figures, the longest over the whole width. What has no figure is left out.
func (b *Board) Plot(w io.Writer, about string, groups []Group) error {
	var body strings.Builder
	y := plotFrame
	for _, g := range groups {
		y = b.group(&body, g, y)
	}
	_, err := fmt.Fprintf(w, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "+
		"viewBox=\"0 0 %d %d\">\n<title>%s</title>\n%s%s</svg>\n",
		plotWidth, y, escape(about), plotStyle, body.String())
	return err
}

// group writes one group that begins at y, and returns where the next begins.
func (b *Board) group(w io.Writer, g Group, y int) int {
	longest := 0.0
	for _, bar := range g.Bars {
		if f, ok := b.figure(bar); ok {
			longest = max(longest, f)
		}
	}
	if longest == 0 {
		return y
	}
	fmt.Fprintf(w, "<text class=\"title\" x=\"%d\" y=\"%d\">%s</text>\n",
		plotFrame, y+plotBar-plotGap, escape(g.Title))
	y += plotTitle
	for _, bar := range g.Bars {
		if f, ok := b.figure(bar); ok {
			drawBar(w, bar, f, f/longest, y)
			y += plotBar + plotGap
		}
	}
	return y + plotFrame
}

// figure is the length of a bar. A server that froze has none.
func (b *Board) figure(bar Bar) (float64, bool) {
	f, ok := b.Median(bar.Cell)
	return f, ok && !math.IsNaN(f)
}

func drawBar(w io.Writer, bar Bar, figure, share float64, y int) {
	class := "bar"
	if bar.Ours {
		class = "bar ours"
	}
	width := share * (plotWidth - plotLabels - plotValues - plotFrame)
	text := y + plotBar - plotGap
	fmt.Fprintf(w, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
		plotLabels-plotGap*2, text, escape(bar.Label))
	fmt.Fprintf(w, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>\n",
		class, plotLabels, y, width, plotBar)
	fmt.Fprintf(w, "<text x=\"%.1f\" y=\"%d\">%s µs</text>\n",
		plotLabels+width+plotGap*2, text, number(figure))
}

func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}
