package main

import (
	"errors"
	"flag"
	"strings"

	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
	"github.com/beatrichartz/martini-sockets/bench/internal/suite"
)

// options are what the flags say.
type options struct {
	short  bool
	rounds int
	update []string
	choice suite.Choice
}

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.BoolVar(&o.short, "short", false, "one short round, without verdicts")
	flags.IntVar(&o.rounds, "rounds", 0, "`number` of rounds, 0 for as many as the form has")
	flags.BoolVar(&o.choice.Growth, "growth", false,
		"the scenarios that grow, instead of the others")
	only := flags.String("only", "",
		"comma-separated `scenarios`: "+strings.Join(suite.Names(), ", "))
	servers := flags.String("servers", "",
		"comma-separated `servers`: "+strings.Join(serve.Kinds(), ", "))
	flags.StringVar(&o.choice.Profiles, "profile", "",
		"write a CPU profile of each server to this `directory`")
	update := flags.String("update", "",
		"comma-separated `files`: Markdown, whose marked places get the tables, or a picture, .svg")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.choice.Scenarios, o.choice.Servers, o.update = list(*only), list(*servers), list(*update)
	if len(o.update) > 0 && (o.short || *only != "" || *servers != "" || o.choice.Profiles != "") {
		return o, errors.New("-update wants a whole run: no -short, -only, -servers or -profile")
	}
	return o, nil
}

func (o options) sizes() suite.Sizes {
	s := suite.Full()
	if o.short {
		s = suite.Short()
	}
	if o.rounds > 0 {
		s.Rounds = o.rounds
	}
	if !o.choice.Growth {
		s.Growing = suite.Growing{}
	}
	return s
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' })
}
