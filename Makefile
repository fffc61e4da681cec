# make setup: everything a fresh machine lacks. make run: the demo. make test: all tests.
GO      ?= go
BIN     := bin/beckon
ADDR    ?= :8080
TIMEOUT ?= 20m

.PHONY: setup run test bench lint generate build reliability fuzz
FUZZTIME ?= 60s

setup:
	@sh ./setup.sh

build: setup
	@$(GO) build -o $(BIN) ./server

run: build
	@exec ./$(BIN) serve --demo --addr $(ADDR)

# Generated templ code and what web/build makes are committed; TestGeneratedCodeIsFresh and TestBeaconIsFresh fail when they are stale.
generate:
	$(GO) run github.com/a-h/templ/cmd/templ generate
	$(GO) run ./web/build

test: setup
	$(GO) vet ./...
	$(GO) test -count=1 -run Alloc ./recommender # the race detector allocates, so allocations are counted without it
	$(GO) test -race -count=1 -timeout $(TIMEOUT) ./...

bench: build
	./$(BIN) bench

# The long form of the crash tests; its figures stand in docs/RELIABILITY.md.
reliability: setup
	BECKON_LONG_TESTS=1 $(GO) test -count=1 -timeout 60m -v -run 'Kill|Crash|Fault' ./server ./clickstream/...

# Every decoder's fuzz target, FUZZTIME each.
fuzz: setup
	@for pkg in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "==> $$pkg $$f"; \
			$(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$pkg || exit 1; \
		done; \
	done

lint: setup
	$(GO) run mvdan.cc/gofumpt@v0.12.0 -l -d $$(git ls-files '*.go' | grep -v _templ.go)
	$(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	$(GO) run github.com/polyfloyd/go-errorlint@v1.8.0 ./...
	-$(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...
