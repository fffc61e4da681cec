#!/bin/sh
# Brings what a fresh Debian machine lacks: Go modules, the ClickHouse engine, and for the tests Chromium and Redis. Safe to run again; says what it does.
set -eu

step() { printf '==> %s\n' "$*"; }

command -v go >/dev/null || { echo "Go 1.26 or newer is needed: https://go.dev/dl" >&2; exit 1; }

missing=""
command -v chromium >/dev/null || missing="$missing chromium"
command -v redis-server >/dev/null || missing="$missing redis-server"
if [ -n "$missing" ]; then
	if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
		step "installing$missing (for the tests)"
		apt-get update -qq
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
	else
		step "not installed, and needed by the browser and Redis tests:$missing"
	fi
fi

step "fetching Go modules"
go mod download
step "fetching the ClickHouse engine (178 MB, once)"
go run ./server engine fetch || step "not there: history and its tests need it, or a ClickHouse server. Again: go run ./server engine fetch"
step "fetching axe-core (0.7 MB, once, for the tests of accessibility)"
go run ./web/axe/fetch || step "not there: the dashboard's browser test needs it. Again: go run ./web/axe/fetch"
step "ready"
