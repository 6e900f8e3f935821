module github.com/beatrichartz/martini-sockets/bench

go 1.25.0

require (
	github.com/coder/websocket v1.8.15
	github.com/go-martini/martini v0.0.0-20170121215854-22fa46961aab
	github.com/gorilla/websocket v1.5.3
	github.com/lesismal/nbio v1.6.8
	github.com/lxzan/gws v1.8.9
	github.com/olahol/melody v1.1.4
)

require (
	github.com/lesismal/llib v1.2.2 // indirect
	golang.org/x/crypto v0.55.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
)

require (
	github.com/beatrichartz/martini-sockets v0.1.0
	github.com/codegangsta/inject v0.0.0-20150114235600-33e0aa1cb7c0 // indirect
	github.com/dolthub/maphash v0.1.0 // indirect
	github.com/klauspost/compress v1.19.2 // indirect
)

replace github.com/beatrichartz/martini-sockets => ../
