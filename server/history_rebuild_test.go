package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"beckon/clickstream/eventlog"
	"beckon/clickstream/history"
)

// withHistory makes an installation whose history goes to an engine of its own.
func withHistory(t *testing.T) *installation {
	t.Helper()
	in := newInstallation(t)
	in.env["BECKON_HISTORY"] = "auto"
	return in
}

// ask sends an operation to the running server.
func (in *installation) ask(name string, args map[string]string) {
	in.t.Helper()
	s, ok := runningServer(dataDir(in.dir))
	if !ok {
		in.t.Fatal("no server runs")
	}
	if err := s.send(in.t.Context(), operation{Name: name, Args: args}, new(any)); err != nil {
		in.t.Fatalf("%s: %v\n%s", name, err, in.out)
	}
}

// stopSettled stops the server when everything in its logs is in ClickHouse. A stop adds nothing, but a tick may come before it: then it is
// tried again.
func (in *installation) stopSettled(more ...string) {
	in.t.Helper()
	for range 5 {
		in.ask("settle history", nil)
		if err := in.stop(); err != nil {
			in.t.Fatal(err)
		}
		if in.historyIsWhole() {
			return
		}
		in.start(more...)
	}
	in.t.Fatal("history never had everything at a stop")
}

func (in *installation) historyIsWhole() bool {
	in.t.Helper()
	source, err := openSourceAlone(in.t.Context(), env{in.getenv, in.out, in.out}, dataDir(in.dir))
	if err != nil {
		in.t.Fatal(err)
	}
	events, _, err := history.ReadExtent(in.t.Context(), source.db, "events")
	control, _, cerr := history.ReadExtent(in.t.Context(), source.db, "control")
	if err := errors.Join(err, cerr, source.close(in.t.Context())); err != nil {
		in.t.Fatal(err)
	}
	return events.Next == logEnd(in.t, dataDir(in.dir).events()) && control.Next == logEnd(in.t, dataDir(in.dir).control())
}

func logEnd(t *testing.T, dir string) uint64 {
	t.Helper()
	log, err := eventlog.Open(eventlog.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	return log.Cut(nil).Seq
}

// live makes a shop's day: views, carts, purchases and their repeats, late events, refused ones and their replay, settings that change,
// catalog, stock and users.
func (in *installation) live(round int) {
	in.t.Helper()
	for i := range 40 {
		visitor := fmt.Sprintf("v-%d", i%17)
		id := func(what string) string { return fmt.Sprintf("%s-%d-%d", what, round, i) }
		item := fmt.Sprintf("sku-%d", i%9)
		in.want(202, "POST", "/v1/events", in.public, batch(visitor,
			event(id("view"), "view_item", itemOf(item)),
			event(id("page"), "page_view", `"url":"https://shop.example/?utm_source=mail","title":"Tea & more"`),
			event(id("cart"), "add_to_cart", fmt.Sprintf(`"items":[{"item_id":%q,"price":1999,"quantity":2,"category":"Kitchen"}],"currency":"EUR"`, item)),
			event(id("own"), "spin_wheel", `"props":{"prize":"café \\ \"x\"","n":1.5}`),
			event(id("bad"), "purchase", `"items":"none"`),
		), nil)
		if i%4 == 0 {
			buy := event(id("buy"), "purchase", fmt.Sprintf(`"transaction_id":"t-%d","value":3998,"currency":"EUR","items":[{"item_id":%q,"price":1999,"quantity":2}]`, i/8, item))
			in.want(202, "POST", "/v1/events", in.public, batch(visitor, buy), nil)
			in.want(202, "POST", "/v1/events", in.public, batch(visitor, buy), nil)
		}
	}
	past := time.Now().Add(-3 * time.Hour).UnixMilli()
	in.want(202, "POST", "/v1/import", in.secret, fmt.Sprintf(
		"{\"id\":\"late-%d\",\"name\":\"view_item\",\"ts\":%d,\"visitor\":\"v-1\",\"items\":[{\"item_id\":\"sku-1\"}]}\n{\"id\":\"login-%d\",\"name\":\"login\",\"ts\":%d,\"visitor\":\"v-2\",\"user_id\":\"anna\"}\n",
		round, past, round, time.Now().UnixMilli()), nil)
	in.want(202, "PUT", "/v1/items", in.secret, fmt.Sprintf(`{"item_id":"sku-%d","title":"Kettle","price":1999,"currency":"EUR","stock":%d}`, round, round+3), nil)
	in.command("sites", "update", in.site, "--gap", fmt.Sprintf("%dm", 20+round), "--data", in.dir)
	in.ask("close sessions", map[string]string{"site": in.site})
}

func TestRebuiltInstallationIsTheOneThatWas(t *testing.T) {
	in := withHistory(t)
	args := []string{"--partitions", "8", "--checkpoint-every", "300ms"}
	in.start(args...)
	in.live(0)
	other := *in
	other.site = "second"
	other.public, other.secret = other.makeSite("second")
	other.live(1)
	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	in.command("admin", "add", "anna", "--role", "merchandiser", "--password", "correct horse battery", "--data", in.dir)
	in.start(args...)
	in.live(2)
	in.stopSettled(args...)

	into := filepath.Join(t.TempDir(), "rebuilt")
	out := in.command("replay", "--from-history", "--data", in.dir, "--into", into)
	t.Log(strings.TrimSpace(out))
	compareLogs(t, dataDir(in.dir).events(), dataDir(into).events())
	compareLogs(t, dataDir(in.dir).control(), dataDir(into).control())
	compareFolds(t, dataDir(in.dir), dataDir(into))

	// In place, without its logs: first they are there and nothing happens, then they are gone.
	var said output
	if err := run(t.Context(), []string{"replay", "--from-history", "--data", in.dir}, in.getenv, &said, &said); err == nil || !strings.Contains(err.Error(), "still has its events log") {
		t.Errorf("got %v", err)
	}
	lost := t.TempDir()
	for _, part := range []string{"events", "control"} {
		if err := os.Rename(dataDir(in.dir).path(part), filepath.Join(lost, part)); err != nil {
			t.Fatal(err)
		}
	}
	in.command("replay", "--from-history", "--data", in.dir)
	compareLogs(t, dataDir(into).events(), dataDir(in.dir).events())

	// Both go on where the first stopped.
	back := &installation{t: t, dir: into, site: in.site, env: in.env, public: in.public, secret: in.secret}
	back.start()
	var a importAnswer
	back.want(202, "POST", "/v1/events", back.public, batch("v-1", event("view-2-1", "view_item", itemOf("sku-1")), event("fresh", "view_item", itemOf("sku-2"))), &a)
	if a.Duplicates != 1 || a.Accepted != 1 {
		t.Errorf("an event of before and one of after: %+v", a)
	}
	var l ledgerAnswer
	back.want(200, "GET", "/v1/ledger", back.secret, "", &l)
	if l.Received != l.Stored+l.Duplicates+l.Rejected {
		t.Errorf("the ledger does not balance: %+v", l)
	}
	back.stopSettled()
	t.Log(strings.TrimSpace(back.command("verify", "--data", back.dir)))
}

// compareLogs compares every record of two logs: partition, offset, Seq, time and payload.
func compareLogs(t *testing.T, want, got string) {
	t.Helper()
	var logs [2]*eventlog.Log
	for i, dir := range []string{want, got} {
		log, err := eventlog.Open(eventlog.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		logs[i] = log
	}
	if logs[0].Epoch() != logs[1].Epoch() || logs[0].Partitions() != logs[1].Partitions() {
		t.Fatalf("%s: epoch %s with %d partitions, want %s with %d", got, logs[1].Epoch(), logs[1].Partitions(), logs[0].Epoch(), logs[0].Partitions())
	}
	records := 0
	for p := range logs[0].Partitions() {
		a, b := recordsOf(t, logs[0], p), recordsOf(t, logs[1], p)
		if len(a) != len(b) {
			t.Errorf("%s: partition %d has %d records, want %d", got, p, len(b), len(a))
			continue
		}
		for i := range a {
			if a[i] != b[i] {
				t.Errorf("%s: partition %d offset %d: got %+v, want %+v", got, p, i, b[i], a[i])
				break
			}
		}
		records += len(a)
	}
	if records == 0 {
		t.Errorf("%s: no record was compared", want)
	}
}

type storedRecord struct {
	seq     uint64
	time    int64
	payload string
}

func recordsOf(t *testing.T, log *eventlog.Log, partition int) (list []storedRecord) {
	t.Helper()
	r, err := log.Read(partition, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		b, ok, err := r.Next(1 << 20)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return list
		}
		for i := range b.Len() {
			list = append(list, storedRecord{b.Seq + uint64(i), b.Time, b.At(i)})
		}
	}
}

// compareFolds compares the newest checkpoint and the newest snapshot of the shop, file by file and byte by byte.
func compareFolds(t *testing.T, want, got dataDir) {
	t.Helper()
	compared := 0
	for _, dir := range []string{newestName(t, want.checkpoints(), "cp-"), newestName(t, want.shop(), "0")} {
		rel, err := filepath.Rel(string(want), dir)
		if err != nil {
			t.Fatal(err)
		}
		err = filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			under, err := filepath.Rel(dir, name)
			if err != nil {
				return err
			}
			a, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			b, err := os.ReadFile(filepath.Join(string(got), rel, under))
			if err != nil {
				return err
			}
			if !bytes.Equal(a, b) {
				t.Errorf("%s differs: %d bytes, want %d", filepath.Join(rel, under), len(b), len(a))
			}
			compared++
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", rel, err)
		}
	}
	t.Logf("%d files of folds compared", compared)
	if compared < 8 {
		t.Errorf("only %d files were compared", compared)
	}
}

// newestName is the last name in dir that begins with prefix.
func newestName(t *testing.T, dir, prefix string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(entries) - 1; i >= 0; i-- {
		if strings.HasPrefix(entries[i].Name(), prefix) && !strings.HasSuffix(entries[i].Name(), ".old") {
			return filepath.Join(dir, entries[i].Name())
		}
	}
	t.Fatalf("nothing in %s", dir)
	return ""
}

func TestRebuildSaysWhatItLacks(t *testing.T) {
	in := withHistory(t)
	in.start("--partitions", "4")
	in.live(0)
	in.stopSettled("--partitions", "4")
	into := filepath.Join(t.TempDir(), "rebuilt")
	rebuild := func() error {
		var out output
		return run(t.Context(), []string{"replay", "--from-history", "--data", in.dir, "--into", into}, in.getenv, &out, &out)
	}
	secret := dataDir(in.dir).path("secret")
	if err := os.Rename(secret, secret+".away"); err != nil {
		t.Fatal(err)
	}
	if err := rebuild(); err == nil || !strings.Contains(err.Error(), "secret is missing") {
		t.Errorf("without the secret: %v", err)
	}
	if _, err := os.Stat(secret); err == nil {
		t.Error("a new secret was made")
	}
	in.env["BECKON_SECRET"] = "another secret of 16 bytes"
	if err := rebuild(); err == nil || !strings.Contains(err.Error(), "secret is not the one") {
		t.Errorf("with another secret: %v", err)
	}
	delete(in.env, "BECKON_SECRET")
	if err := os.Rename(secret+".away", secret); err != nil {
		t.Fatal(err)
	}
	in.history("ALTER TABLE batches DELETE WHERE log = 'events' AND `from` = (SELECT max(`from`) FROM batches WHERE log = 'events' AND `from` < (SELECT max(`from`) FROM batches WHERE log = 'events')) SETTINGS mutations_sync = 2")
	var hole *history.HoleError
	if err := rebuild(); err == nil || !errors.As(err, &hole) {
		t.Errorf("with a hole: %v", err)
	} else {
		t.Log(err)
	}
	if err := os.MkdirAll(filepath.Join(into, "mine"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := rebuild(); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("into a folder with something in it: %v", err)
	}
}

// history executes a statement on the history of an installation that does not run.
func (in *installation) history(query string) {
	in.t.Helper()
	source, err := openSourceAlone(in.t.Context(), env{in.getenv, in.out, in.out}, dataDir(in.dir))
	if err != nil {
		in.t.Fatal(err)
	}
	err = source.db.Exec(in.t.Context(), query)
	if err := errors.Join(err, source.close(in.t.Context())); err != nil {
		in.t.Fatal(err)
	}
}

// waitRowsErased waits until the ledger has so many erasures at least and ClickHouse no more rows than it says.
func (in *installation) waitRowsErased(least int64) {
	in.t.Helper()
	var l ledgerAnswer
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		in.want(200, "GET", "/v1/ledger", in.secret, "", &l)
		if l.Erased >= least && l.HistoryRows != nil && *l.HistoryRows == l.Stored-l.Erased {
			return
		}
	}
	in.t.Fatalf("not erased in a minute: %+v\n%s", l, in.out)
}

// TestRebuildLeavesErasedRecordsEmpty has a visitor erased before the rebuild: its records keep their place, and the ledger balances.
func TestRebuildLeavesErasedRecordsEmpty(t *testing.T) {
	in := withHistory(t)
	in.start("--partitions", "4")
	in.live(0)
	in.ask("settle history", nil)
	in.eraseVisitor("v-1")
	in.eraseVisitor("v-3")
	in.waitRowsErased(16)
	in.live(1)
	in.stopSettled("--partitions", "4")
	in.command("verify", "--data", in.dir)

	into := filepath.Join(t.TempDir(), "rebuilt")
	out := in.command("replay", "--from-history", "--data", in.dir, "--into", into)
	if strings.Contains(out, " 0 of them erased") {
		t.Errorf("nothing was erased: %s", out)
	}
	compareLogs(t, dataDir(in.dir).events(), dataDir(into).events())
	compareLogs(t, dataDir(in.dir).control(), dataDir(into).control())
	ledgers := func(dir string) (lines []string) {
		for _, line := range strings.Split(in.command("verify", "--data", dir), "\n") {
			if strings.HasPrefix(line, "ledger") {
				lines = append(lines, line)
			}
		}
		return lines
	}
	was, is := strings.Join(ledgers(in.dir), "\n"), strings.Join(ledgers(into), "\n")
	if was != is || !strings.Contains(is, "erased ") || strings.Contains(is, "erased 0") {
		t.Errorf("the ledger says\n%s\nwant\n%s", is, was)
	}
}
