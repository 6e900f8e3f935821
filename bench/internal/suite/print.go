package suite

import (
	"fmt"
	"io"
	"strings"

	"github.com/beatrichartz/martini-sockets/bench/internal/report"
)

// Noise is what a short run says in the place of verdicts.
const Noise = "One short round: the ratios are noise. A full run says which goals are met."

// Print writes the whole outcome of a run as Markdown. Without verdicts, the goals are
// left out.
func Print(w io.Writer, b *report.Board, s Sizes, verdicts bool) {
	fmt.Fprint(w, Machine(s))
	for _, t := range Tables() {
		if table := tableText(b, t); table != "" {
			fmt.Fprintf(w, "\n### %s\n\n%s", t.Title, table)
		}
	}
	if !verdicts {
		fmt.Fprintf(w, "\n%s\n", Noise)
		return
	}
	if goals := goalsText(b, s); goals != "" {
		fmt.Fprintf(w, "\n### Goals\n\n%s", goals)
	}
}

// Places returns what the marked places of the README files get from a run: each table
// that has figures, by its ID, the goals and the machine. What was not measured is not
// there.
func Places(b *report.Board, s Sizes) map[string]string {
	places := map[string]string{"scenarios": About()}
	for _, t := range Tables() {
		if table := tableText(b, t); table != "" {
			places[t.ID] = table
		}
	}
	if goals := goalsText(b, s); goals != "" {
		places["goals"], places["machine"] = goals, Machine(s)
	}
	return places
}

func tableText(b *report.Board, t report.Table) string {
	var w strings.Builder
	b.Table(&w, t)
	return w.String()
}

func goalsText(b *report.Board, s Sizes) string {
	var w strings.Builder
	b.Goals(&w, Goals(s))
	return w.String()
}
