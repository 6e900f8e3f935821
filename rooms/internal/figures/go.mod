module github.com/beatrichartz/martini-sockets/rooms/internal/figures

go 1.25.0

require (
	github.com/beatrichartz/martini-sockets v0.1.0
	github.com/beatrichartz/martini-sockets/rooms/internal/natstest v0.0.0-00010101000000-000000000000
	github.com/beatrichartz/martini-sockets/rooms/internal/redistest v0.0.0-00010101000000-000000000000
	github.com/beatrichartz/martini-sockets/rooms/natsrooms v0.1.0
	github.com/beatrichartz/martini-sockets/rooms/redisrooms v0.0.0-00010101000000-000000000000
	github.com/centrifugal/centrifuge v0.38.0
	github.com/nats-io/nats-server/v2 v2.14.5
	github.com/redis/go-redis/v9 v9.22.0
)

require (
	github.com/FZambia/eagle v0.2.0 // indirect
	github.com/antithesishq/antithesis-sdk-go v0.7.2-default-no-op // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/centrifugal/protocol v0.17.0 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/dolthub/maphash v0.1.0 // indirect
	github.com/gammazero/deque v0.2.1 // indirect
	github.com/google/go-tpm v0.9.8 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/josharian/intern v1.0.0 // indirect
	github.com/klauspost/compress v1.19.2 // indirect
	github.com/mailru/easyjson v0.7.7 // indirect
	github.com/maypok86/otter v1.2.4 // indirect
	github.com/minio/highwayhash v1.0.4 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/nats-io/jwt/v2 v2.8.2 // indirect
	github.com/nats-io/nats.go v1.53.1 // indirect
	github.com/nats-io/nkeys v0.4.16 // indirect
	github.com/nats-io/nuid v1.0.1 // indirect
	github.com/planetscale/vtprotobuf v0.6.0 // indirect
	github.com/prometheus/client_golang v1.23.2 // indirect
	github.com/prometheus/client_model v0.6.2 // indirect
	github.com/prometheus/common v0.66.1 // indirect
	github.com/prometheus/procfs v0.16.1 // indirect
	github.com/quagmt/udecimal v1.9.0 // indirect
	github.com/redis/rueidis v1.0.68 // indirect
	github.com/segmentio/asm v1.2.0 // indirect
	github.com/segmentio/encoding v0.5.3 // indirect
	github.com/shadowspore/fossil-delta v0.0.0-20241213113458-1d797d70cbe3 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	go.uber.org/atomic v1.11.0 // indirect
	go.yaml.in/yaml/v2 v2.4.2 // indirect
	golang.org/x/crypto v0.55.0 // indirect
	golang.org/x/sync v0.19.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	golang.org/x/time v0.15.0 // indirect
	google.golang.org/protobuf v1.36.10 // indirect
)

replace (
	github.com/beatrichartz/martini-sockets => ../../..
	github.com/beatrichartz/martini-sockets/rooms/internal/natstest => ../natstest
	github.com/beatrichartz/martini-sockets/rooms/internal/redistest => ../redistest
	github.com/beatrichartz/martini-sockets/rooms/natsrooms => ../../natsrooms
	github.com/beatrichartz/martini-sockets/rooms/redisrooms => ../../redisrooms
)
