// Package replay reads shopping history in the formats it is published in and writes it as import lines: one event a line,
// JSON, as POST /v1/import takes them.
//
// Every event gets an id made of its place in the file, so the same file read again gives the same ids and a replay that was
// cut short goes on without doubling. A Reader is used by one goroutine; gzip is read as it is. The package knows no server and
// imports nothing of ours.
package replay
