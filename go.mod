module github.com/beatrichartz/martini-sockets

go 1.25.0

require (
	github.com/go-martini/martini v0.0.0-20170121215854-22fa46961aab
	github.com/gorilla/websocket v1.5.3
)

require github.com/codegangsta/inject v0.0.0-20150114235600-33e0aa1cb7c0
