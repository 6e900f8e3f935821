// Package redisrooms connects rooms in many processes over Redis. A [Broker] uses
// pub/sub, which delivers a message at most once. A Log keeps the messages in streams.
package redisrooms
