package engine

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// running says how many statements run beside the one that asks.
const running = "SELECT count() - 1 FROM system.processes"

// until asks again until the answer is want.
func (b *browser) until(question, want string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 20*time.Second)
	defer cancel()
	got := ""
	for ctx.Err() == nil {
		if got = b.must("", question); got == want {
			return
		}
	}
	b.t.Fatalf("%s: still %q, want %q", question, got, want)
}

func TestACancelledStatementFreesTheEngine(t *testing.T) {
	e := startEngine(t, Config{})
	b, db := newBrowser(t, e), open(t, e)
	for name, run := range map[string]func(ctx context.Context) error{
		"a count that would take years": func(ctx context.Context) error {
			return db.Exec(ctx, "SELECT count() FROM numbers(1e18) WHERE NOT ignore(sipHash64(number))")
		},
		"an answer that is read slowly": func(ctx context.Context) error {
			rows, err := db.Query(ctx, "SELECT number, randomPrintableASCII(100) FROM numbers(1e12)")
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				if ctx.Err() != nil {
					return ctx.Err()
				}
			}
			return rows.Err()
		},
		"a format that is only given whole": func(ctx context.Context) error {
			return db.Exec(ctx, "SELECT count() FROM numbers(1e18) WHERE NOT ignore(sipHash64(number)) FORMAT JSON")
		},
		"an INSERT SELECT": func(ctx context.Context) error {
			return db.Exec(ctx, "INSERT INTO FUNCTION null('a UInt64') SELECT number FROM numbers(1e18) WHERE NOT ignore(sipHash64(number))")
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- run(ctx) }()
			b.until(running, "1\n")
			cancel()
			if err := <-ended; err == nil {
				t.Error("it ended by itself")
			}
			b.until(running, "0\n")
		})
	}
}

func TestAnInsertThatBreaksOffLeavesNothing(t *testing.T) {
	e := startEngine(t, Config{})
	b := newBrowser(t, e)
	b.must("", "CREATE TABLE broken (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
	opts := e.Options()
	token := base64.StdEncoding.EncodeToString([]byte(opts.Auth.Username + ":" + opts.Auth.Password))
	rows := strings.Repeat("1,x\n", 10000)
	for name, c := range map[string]struct{ query, body string }{
		"behind a whole row":      {"query=INSERT+INTO+broken+FORMAT+CSV", rows},
		"within a row":            {"query=INSERT+INTO+broken+FORMAT+CSV", rows + "1,"},
		"with the text before":    {"", "INSERT INTO broken FORMAT CSV\n" + rows},
		"with values in the text": {"", "INSERT INTO broken VALUES (1, 'x'), (2, 'y')"},
		"behind a native block":   {"query=INSERT+INTO+broken+FORMAT+Native", "\x02\x01\x01a\x06UInt64\x07\x00\x00\x00\x00\x00\x00\x00\x01b\x06String\x01t"},
	} {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, chunked %v", name, chunked), func(t *testing.T) {
				conn, err := opts.DialContext(t.Context(), opts.Addr[0])
				if err != nil {
					t.Fatal(err)
				}
				head, body := fmt.Sprintf("Content-Length: %d", len(c.body)+1), c.body
				if chunked {
					head, body = "Transfer-Encoding: chunked", fmt.Sprintf("%x\r\n%s\r\n", len(c.body), c.body)
				}
				_, err = fmt.Fprintf(conn, "POST /?%s HTTP/1.1\r\nHost: engine\r\nAuthorization: Basic %s\r\n%s\r\n\r\n%s", c.query, token, head, body)
				if err != nil {
					t.Fatal(err)
				}
				// Only the sending half is closed, so that the answer says when the server is done with it.
				if err := conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
					t.Fatal(err)
				}
				answer, err := io.ReadAll(conn)
				if err != nil && !errors.Is(err, net.ErrClosed) {
					t.Fatal(err)
				}
				if err := conn.Close(); err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(string(answer), "HTTP/1.1 200") {
					t.Errorf("answered %s", answer)
				}
				b.until(running, "0\n")
				if n := b.must("", "SELECT count() FROM broken"); n != "0\n" {
					t.Errorf("%s rows are stored", strings.TrimSpace(n))
				}
			})
		}
	}
}

func TestManyClientsAtOnceAllGetTheirOwnAnswer(t *testing.T) {
	e := startEngine(t, Config{})
	opts := e.Options()
	opts.MaxOpenConns, opts.MaxIdleConns = 64, 64
	db, err := clickhouse.Open(&opts)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const clients = 64 // four times as many as run at once
	errs := make(chan error, clients)
	for i := range clients {
		go func() {
			for j := range 5 {
				want := uint64(i*1000 + j)
				ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"max_result_rows": want + 1}))
				var limit string
				var got uint64
				if err := db.QueryRow(ctx, "SELECT toString(getSetting('max_result_rows')), toUInt64(?) FROM numbers(100000) LIMIT 1", want).Scan(&limit, &got); err != nil {
					errs <- err
					return
				}
				if got != want || limit != fmt.Sprint(want+1) {
					errs <- fmt.Errorf("got %d with the limit %s, want %d", got, limit, want)
					return
				}
			}
			errs <- nil
		}()
	}
	for range clients {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
