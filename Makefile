# The words that people try. Everything here is a command that can be run by itself.

.PHONY: help
help: ## print this
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: test
test: ## all tests of all modules
	go test work

.PHONY: race
race: ## the same with the race detector, shuffled
	.ci/run race

.PHONY: lint
lint: ## gofmt, go vet, staticcheck, and the width of comments
	.ci/run lint

.PHONY: bench
bench: ## what a message and a connection cost, beside others: a minute or two
	go run ./bench -short

.PHONY: fuzz
fuzz: ## each fuzz target, for a moment
	.ci/fuzz

.PHONY: soak
soak: ## thousands of good and bad clients for half a minute
	.ci/run soak

.PHONY: cluster
cluster: ## random histories on a cluster of NATS servers, for four minutes
	go test -timeout 15m -run '^Test(Histories|Broadcasts|Presence)$$' ./rooms/internal/natstest/cluster -for 4m

.PHONY: example
example: ## the chat, at http://localhost:3000
	go run ./example

.PHONY: docs
docs: ## compile the programs of the documents, from a folder outside
	.ci/snippets

.PHONY: ci
ci: ## everything that has to hold before a change lands
	.ci/run
