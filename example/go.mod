module github.com/beatrichartz/martini-sockets/example

go 1.25.0

require (
	github.com/beatrichartz/martini-sockets v0.1.0
	github.com/beatrichartz/martini-sockets/rooms/natsrooms v0.1.0
	github.com/beatrichartz/martini-sockets/rooms/redisrooms v0.1.0
	github.com/go-martini/martini v0.0.0-20170121215854-22fa46961aab
	github.com/gorilla/websocket v1.5.3
	github.com/nats-io/nats-server/v2 v2.14.5
	github.com/nats-io/nats.go v1.53.1
	github.com/redis/go-redis/v9 v9.22.0
	golang.org/x/time v0.15.0
)

require (
	github.com/antithesishq/antithesis-sdk-go v0.7.2-default-no-op // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/codegangsta/inject v0.0.0-20150114235600-33e0aa1cb7c0 // indirect
	github.com/google/go-tpm v0.9.8 // indirect
	github.com/klauspost/compress v1.19.2 // indirect
	github.com/minio/highwayhash v1.0.4 // indirect
	github.com/nats-io/jwt/v2 v2.8.2 // indirect
	github.com/nats-io/nkeys v0.4.16 // indirect
	github.com/nats-io/nuid v1.0.1 // indirect
	go.uber.org/atomic v1.11.0 // indirect
	golang.org/x/crypto v0.55.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
)

replace github.com/beatrichartz/martini-sockets => ../

replace github.com/beatrichartz/martini-sockets/rooms/natsrooms => ../rooms/natsrooms

replace github.com/beatrichartz/martini-sockets/rooms/redisrooms => ../rooms/redisrooms
