package history

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ExportConfig is a range of a table and where it goes as Parquet files, one a day or month.
type ExportConfig struct {
	DB    driver.Conn
	Table string    // one of ExportTables
	Site  string    // "": all
	From  time.Time // in UTC; rows at From are in
	To    time.Time // rows at To are not
	By    string    // "day" or "month", "": month for more than 92 days, else day

	Dir string   // a folder, made if missing
	S3  S3Target // used when Dir is empty

	Progress func(done, total uint64) // rows; may be nil
}

// ExportManifest says what an export wrote. It stands beside the files, as TABLE-FROM-TO.json.
type ExportManifest struct {
	Table string       `json:"table"`
	Site  string       `json:"site,omitempty"`
	From  time.Time    `json:"from"`
	To    time.Time    `json:"to"`
	Rows  uint64       `json:"rows"`
	Files []ExportFile `json:"files"`
}

// ExportFile is one Parquet file.
type ExportFile struct {
	Name  string `json:"name"`
	Rows  uint64 `json:"rows"`
	Bytes int64  `json:"bytes,omitempty"` // of a file in a folder
}

// exportTable is how a table is read for export.
type exportTable struct {
	name    string
	time    string // column by which it is cut
	isDay   bool   // it is a Date
	source  string // as SELECT reads it, with its own rows already folded together
	columns string
}

// exportTables lists what can be exported. Tables whose rows are folded when parts merge are read as they will be then; states of
// unfinished counts become numbers.
func exportTables() []exportTable {
	return []exportTable{
		{name: "events", time: "time", source: "events", columns: "*"},
		{name: "sessions", time: "start", source: "sessions FINAL", columns: "* EXCEPT (deleted)"},
		{name: "impressions", time: "time", source: "impressions", columns: "*"},
		{name: "orders", time: "time", source: "orders", columns: "*"},
		{name: "dead_letters", time: "time", source: "dead_letters", columns: "*"},
		{name: "daily", time: "day", isDay: true, source: `(SELECT site, day, name, device, machine, currency, sum(events) AS events, sum(late) AS late,
			sum(repeats) AS repeats, sum(value) AS value, uniqMerge(visitors) AS visitors FROM daily GROUP BY site, day, name, device, machine, currency)`, columns: "*"},
		{name: "daily_items", time: "day", isDay: true, source: `(SELECT site, day, item, currency, sum(impressions) AS impressions, sum(views) AS views, sum(carts) AS carts,
			sum(removes) AS removes, sum(purchases) AS purchases, sum(quantity) AS quantity, sum(revenue) AS revenue FROM daily_items GROUP BY site, day, item, currency)`, columns: "*"},
	}
}

// ExportTables are the names that ExportConfig.Table may have.
func ExportTables() []string {
	var names []string
	for _, t := range exportTables() {
		names = append(names, t.name)
	}
	return names
}

// Export writes the range. ClickHouse makes the Parquet; a file has its name only when it is whole, and none is replaced: a name that is
// taken ends the export before anything is written.
func Export(ctx context.Context, cfg ExportConfig) (*ExportManifest, error) {
	t, err := cfg.settle()
	if err != nil {
		return nil, err
	}
	parts, total, err := cfg.parts(ctx, t)
	if err != nil {
		return nil, err
	}
	m := &ExportManifest{Table: cfg.Table, Site: cfg.Site, From: cfg.From.UTC(), To: cfg.To.UTC()}
	var out exportTarget = &folderTarget{cfg.Dir}
	if cfg.Dir == "" {
		out = &cfg.S3
	}
	names := []string{cfg.manifestName()}
	for _, p := range parts {
		names = append(names, p.name)
	}
	if err := out.begin(ctx, cfg.DB, names); err != nil {
		return nil, err
	}
	for _, p := range parts {
		f, err := out.put(ctx, cfg.DB, p)
		if err != nil {
			return nil, fmt.Errorf("export %s: %w", p.name, err)
		}
		m.Files = append(m.Files, f)
		m.Rows += f.Rows
		report(cfg.Progress, m.Rows, total)
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := out.manifest(ctx, cfg.DB, cfg.manifestName(), append(text, '\n')); err != nil {
		return nil, fmt.Errorf("write the export's manifest: %w", err)
	}
	return m, nil
}

// exportTarget takes whole files under names that nobody has.
type exportTarget interface {
	// begin fails when one of names is taken.
	begin(ctx context.Context, conn driver.Conn, names []string) error
	put(ctx context.Context, conn driver.Conn, p exportPart) (ExportFile, error)
	manifest(ctx context.Context, conn driver.Conn, name string, text []byte) error
}

// Check says what is wrong with the configuration, without reaching out.
func (cfg ExportConfig) Check() error {
	_, err := cfg.settle()
	return err
}

// plainSite keeps a site's name out of trouble where it is part of a file's.
var plainSite = regexp.MustCompile(`^[a-z0-9_-]{0,64}$`)

func (cfg *ExportConfig) settle() (t exportTable, err error) {
	i := slices.IndexFunc(exportTables(), func(t exportTable) bool { return t.name == cfg.Table })
	if i < 0 {
		return t, fmt.Errorf("table: %q is not one of %s", cfg.Table, strings.Join(ExportTables(), ", "))
	}
	if !plainSite.MatchString(cfg.Site) {
		return t, fmt.Errorf("site: %q is not made of a-z 0-9 _ -", cfg.Site)
	}
	if !cfg.From.Before(cfg.To) {
		return t, fmt.Errorf("range: %s is not before %s", cfg.From.Format(time.DateOnly), cfg.To.Format(time.DateOnly))
	}
	if cfg.By == "" {
		cfg.By = "day"
		if cfg.To.Sub(cfg.From) > 92*24*time.Hour {
			cfg.By = "month"
		}
	}
	if cfg.By != "day" && cfg.By != "month" {
		return t, fmt.Errorf("by: %q is not day or month", cfg.By)
	}
	if cfg.Dir == "" {
		return exportTables()[i], cfg.S3.check()
	}
	return exportTables()[i], nil
}

func (cfg *ExportConfig) manifestName() string {
	name := cfg.Table
	if cfg.Site != "" {
		name += "-" + cfg.Site
	}
	return name + "-" + stamp(cfg.From) + "-" + stamp(cfg.To) + ".json"
}

func stamp(t time.Time) string {
	if t = t.UTC(); t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format("20060102")
	}
	return t.Format("20060102T150405")
}

// exportPart is one file to be.
type exportPart struct {
	name  string
	query string
	rows  uint64 // as counted before
}

// parts asks which days or months of the range have rows.
func (cfg *ExportConfig) parts(ctx context.Context, t exportTable) (list []exportPart, total uint64, err error) {
	start := map[string]string{"day": "toDate32", "month": "toStartOfMonth"}[cfg.By]
	expr := fmt.Sprintf("formatDateTime(%s(%s), '%%Y-%%m-%%d')", start, t.time)
	rows, err := cfg.DB.Query(ctx, fmt.Sprintf("SELECT %s AS p, count() AS n FROM %s WHERE %s GROUP BY p ORDER BY p", expr, t.source, cfg.where(t, cfg.From, cfg.To)))
	if err != nil {
		return nil, 0, fmt.Errorf("count %s: %w", t.name, err)
	}
	defer rows.Close()
	for rows.Next() {
		var p exportPart
		var first string
		if err := rows.Scan(&first, &p.rows); err != nil {
			return nil, 0, fmt.Errorf("count %s: %w", t.name, err)
		}
		from, err := time.Parse(time.DateOnly, first)
		if err != nil {
			return nil, 0, fmt.Errorf("count %s: %w", t.name, err)
		}
		to := from.AddDate(0, 0, 1)
		p.name = first
		if cfg.By == "month" {
			to = from.AddDate(0, 1, 0)
			p.name = from.Format("2006-01")
		}
		from, to = later(from, cfg.From), earlier(to, cfg.To)
		p.query = fmt.Sprintf("SELECT %s FROM %s WHERE %s", t.columns, t.source, cfg.where(t, from, to))
		p.name = strings.TrimSuffix(cfg.manifestName(), ".json") + "/" + p.name + ".parquet"
		list = append(list, p)
		total += p.rows
	}
	return list, total, rows.Err()
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (cfg *ExportConfig) where(t exportTable, from, to time.Time) string {
	bound := func(at time.Time) string {
		if t.isDay {
			return fmt.Sprintf("toDate('%s')", at.UTC().Format(time.DateOnly))
		}
		return fmt.Sprintf("toDateTime64('%s', 3, 'UTC')", at.UTC().Format("2006-01-02 15:04:05.000"))
	}
	w := fmt.Sprintf("%s >= %s AND %s < %s", t.time, bound(from), t.time, bound(to))
	if t.isDay && !to.Equal(to.Truncate(24*time.Hour)) {
		w = fmt.Sprintf("%s >= %s AND %s <= %s", t.time, bound(from), t.time, bound(to))
	}
	if cfg.Site != "" {
		w += " AND site = " + quoteText(cfg.Site)
	}
	return w
}
