package history

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// DefaultDatabase is where a history lies when the URL names no database.
const DefaultDatabase = "beckon"

// Config says where the ClickHouse is: a URL, or the options of an embedded engine.
//
//	http://user:password@host:8123/database?cluster=main&replicated=1
//
// Schemes: http, https, and clickhouse for the native protocol, with or without ?secure=true. cluster names a cluster of the server's
// configuration, replicated=1 asks for Replicated tables on it; further parameters are the driver's own and ClickHouse's settings.
type Config struct {
	URL      string
	Options  clickhouse.Options // used when URL is empty
	Database string             // used when the URL names none; DefaultDatabase
}

// DB is a pool of connections to the database of one installation. It is safe for concurrent use.
type DB struct {
	driver.Conn
	server     clickhouse.Options // the same, in no database of ours
	database   string
	cluster    string
	replicated bool
}

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// Connect prepares a pool. It does not reach out yet, so that a ClickHouse that is away stops nobody's start; Prepare does.
func Connect(cfg Config) (*DB, error) {
	db := &DB{}
	opts := cfg.Options
	if cfg.URL != "" {
		parsed, err := db.parse(cfg.URL)
		if err != nil {
			return nil, fmt.Errorf("ClickHouse URL: %w", err)
		}
		opts = *parsed
	}
	db.database = opts.Auth.Database
	if db.database == "" {
		db.database = cfg.Database
	}
	if db.database == "" {
		db.database = DefaultDatabase
	}
	if err := checkNames(db.database, db.cluster); err != nil {
		return nil, fmt.Errorf("ClickHouse URL: %w", err)
	}
	// More connections than the writer, a page of questions and a background task need would only queue inside ClickHouse.
	opts.MaxOpenConns = max(opts.MaxOpenConns, 16)
	opts.MaxIdleConns = max(opts.MaxIdleConns, 8)
	if opts.DialTimeout == 0 {
		opts.DialTimeout = 5 * time.Second
	}
	db.server = opts
	db.server.Auth.Database = "default"
	opts.Auth.Database = db.database
	var err error
	db.Conn, err = clickhouse.Open(&opts)
	if err != nil {
		return nil, fmt.Errorf("open ClickHouse: %w", err)
	}
	return db, nil
}

// CheckURL says what is wrong with a URL, without reaching out.
func CheckURL(text string) error {
	var db DB
	opts, err := db.parse(text)
	if err != nil {
		return err
	}
	return checkNames(opts.Auth.Database, db.cluster)
}

func checkNames(database, cluster string) error {
	for _, n := range [][2]string{{"database", database}, {"cluster", cluster}} {
		if n[1] != "" && !plainName.MatchString(n[1]) {
			return fmt.Errorf("%s: %q is not made of letters, digits and _", n[0], n[1])
		}
	}
	return nil
}

// parse reads a URL, and takes out what is ours.
func (d *DB) parse(text string) (*clickhouse.Options, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("not a URL") // the driver's and net/url's own texts show the password
	}
	switch u.Scheme {
	case "http", "https", "clickhouse", "tcp":
	default:
		return nil, fmt.Errorf("scheme: %q is not http, https or clickhouse", u.Scheme)
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("parameters: not readable")
	}
	d.cluster = q.Get("cluster")
	if r := q.Get("replicated"); r != "" {
		if d.replicated, err = strconv.ParseBool(r); err != nil {
			return nil, fmt.Errorf("replicated: %q is not 0 or 1", r)
		}
	}
	q.Del("cluster")
	q.Del("replicated")
	if u.Scheme == "https" && !q.Has("secure") {
		q.Set("secure", "true")
	}
	u.RawQuery = q.Encode()
	opts, err := clickhouse.ParseDSN(u.String())
	if err != nil {
		return nil, errors.New(strings.ReplaceAll(err.Error(), u.String(), u.Redacted()))
	}
	return opts, nil
}

// Database is the database's name.
func (d *DB) Database() string { return d.database }

// Cluster is the cluster that the URL named, "" for a single server.
func (d *DB) Cluster() string { return d.cluster }

// Replicated says whether the URL asked for replicated tables.
func (d *DB) Replicated() bool { return d.replicated }

// codeUnknownDatabase is ClickHouse's UNKNOWN_DATABASE.
const codeUnknownDatabase = 81

// Exists reaches ClickHouse and says whether the database is there.
func (d *DB) Exists(ctx context.Context) (bool, error) {
	err := d.Exec(ctx, "SELECT 1")
	var refused *clickhouse.Exception
	if errors.As(err, &refused) && refused.Code == codeUnknownDatabase {
		return false, nil
	}
	return err == nil, err
}

// Empty is a pool in a database of the same server that has no table of ours: what a database that is not there yet looks like.
func (d *DB) Empty() (driver.Conn, error) {
	opts := d.server
	opts.Auth.Database = "system"
	return clickhouse.Open(&opts)
}

// Prepare reaches ClickHouse and makes the database if it is missing.
func (d *DB) Prepare(ctx context.Context) error {
	if there, err := d.Exists(ctx); there || err != nil {
		return err
	}
	opts := d.server
	conn, err := clickhouse.Open(&opts)
	if err != nil {
		return fmt.Errorf("open ClickHouse: %w", err)
	}
	text := "CREATE DATABASE IF NOT EXISTS `" + d.database + "`"
	if d.cluster != "" {
		text += " ON CLUSTER `" + d.cluster + "`"
	}
	if err := conn.Exec(ctx, text); err != nil {
		err = fmt.Errorf("make database %s: %w", d.database, err)
		return errors.Join(err, closeSoon(conn))
	}
	return closeSoon(conn)
}

// Close closes the pool, within closeTimeout.
func (d *DB) Close() error { return closeSoon(d.Conn) }

// closeTimeout bounds the driver's Close, which can wait for ever.
const closeTimeout = 5 * time.Second

func closeSoon(conn driver.Conn) error {
	closed := make(chan error, 1)
	go func() { closed <- conn.Close() }() // left behind when it does not end; it holds nothing but connections
	select {
	case err := <-closed:
		return err
	case <-time.After(closeTimeout):
		return fmt.Errorf("close ClickHouse: not done after %v", closeTimeout)
	}
}
