// Package migrations will hold the ClickHouse schema, in order, and the runner that refuses a changed applied file.
package migrations
