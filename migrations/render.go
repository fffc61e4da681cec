package migrations

import (
	"fmt"
	"strings"
	"text/template"
)

// target is the ClickHouse that a file is rendered for.
type target struct {
	database   string
	cluster    string
	replicated bool
}

// reference is the target whose rendering is a file's checksum, so that a change of the renderer shows as much as one of the file,
// and one of a comment does not.
var reference = target{database: "database", cluster: "cluster", replicated: true}

// Settings of every table. A block's insert token is remembered for 10,000 blocks, longer than a writer can be away with one block under
// way. Inserts and merges are synced, so that a crash of the machine loses nothing that was answered, and parts that were merged or mutated
// away leave the disk after half a minute with what was erased from them. Deleted rows leave projections too. Parts are merged by the
// dozen and not by the five: that halves how often a row is written again, and left no more parts.
const (
	tableSettings = `    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    old_parts_lifetime = 30,
    merge_selector_base = 12,
    lightweight_mutation_projection_mode = 'rebuild',
    deduplicate_merge_projection_mode = 'rebuild',
`
	singleWindow     = `    non_replicated_deduplication_window = 10000`
	replicatedWindow = `    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 2592000`
)

// render fills in a file and cuts it into statements without comments.
func (t target) render(file, text string) ([]string, error) {
	tmpl, err := template.New(file).Option("missingkey=error").Funcs(template.FuncMap{
		"store": t.store, "name": t.name, "view": t.view, "change": t.change, "engine": t.engine, "settings": t.settings, "distributed": t.distributed,
	}).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", file, err)
	}
	var b strings.Builder
	if err := tmpl.Execute(&b, nil); err != nil {
		return nil, fmt.Errorf("render %s: %w", file, err)
	}
	return statements(b.String()), nil
}

// statements cuts a script at the semicolons that end a line, and drops the lines that are comments.
func statements(script string) []string {
	var list []string
	var b strings.Builder
	for line := range strings.Lines(script) {
		line = strings.TrimRight(line, " \r\n")
		if line == "" || strings.HasPrefix(line, "--") {
			continue
		}
		last, ended := strings.CutSuffix(line, ";")
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(last)
		if ended {
			list = append(list, b.String())
			b.Reset()
		}
	}
	if b.Len() > 0 {
		list = append(list, b.String())
	}
	return list
}

// name is the table that stores rows: on a cluster NAME_local, since NAME is the Distributed table before it.
func (t target) name(table string) string {
	if t.cluster == "" {
		return table
	}
	return "`" + t.database + "`." + table + "_local"
}

// store is name where it is made or changed.
func (t target) store(table string) string { return t.name(table) + t.onCluster() }

// view is the head of a materialized view into a table.
func (t target) view(view, to string) string {
	if t.cluster == "" {
		return view + " TO " + to
	}
	return t.change(view) + " TO " + t.name(to)
}

// change is a view where it is changed.
func (t target) change(view string) string {
	if t.cluster == "" {
		return view
	}
	return "`" + t.database + "`." + view + t.onCluster()
}

// engine is a MergeTree engine with its own parameters. The path of a replicated table has the server's macro {shard}; {database} and
// {table} are ClickHouse's.
func (t target) engine(kind string, params ...string) string {
	if t.replicated {
		kind = "Replicated" + kind
		params = append([]string{"'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'"}, params...)
	}
	if len(params) == 0 {
		return kind
	}
	return kind + "(" + strings.Join(params, ", ") + ")"
}

func (t target) settings() string {
	if t.replicated {
		return strings.TrimSpace(tableSettings + replicatedWindow)
	}
	return strings.TrimSpace(tableSettings + singleWindow)
}

// distributed is the statement that makes the Distributed table of a cluster, and nothing on a single server. The key must be the one by
// which rows do lie on shards, since ClickHouse reads by it. What only views fill lies where its events lie: where that is by no column of
// its own, there is no key, and inserts are refused.
func (t target) distributed(table string, key ...string) string {
	if t.cluster == "" {
		return ""
	}
	params := strings.Join(append([]string{"`" + t.cluster + "`", "`" + t.database + "`", table + "_local"}, key...), ", ")
	return fmt.Sprintf("CREATE TABLE IF NOT EXISTS `%s`.%s%s AS %s\nENGINE = Distributed(%s);",
		t.database, table, t.onCluster(), t.name(table), params)
}

func (t target) onCluster() string {
	if t.cluster == "" {
		return ""
	}
	return " ON CLUSTER `" + t.cluster + "`"
}
