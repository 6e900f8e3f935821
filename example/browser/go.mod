module github.com/beatrichartz/martini-sockets/example/browser

go 1.25.0

require (
	github.com/chromedp/cdproto v0.159.0
	github.com/chromedp/chromedp v0.23.0
)

require github.com/codegangsta/inject v0.0.0-20150114235600-33e0aa1cb7c0 // indirect

require (
	github.com/beatrichartz/martini-sockets v0.1.0
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	github.com/go-martini/martini v0.0.0-20170121215854-22fa46961aab
	github.com/gorilla/websocket v1.5.3
)

replace github.com/beatrichartz/martini-sockets => ../../
