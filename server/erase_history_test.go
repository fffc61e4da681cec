package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"beckon/clickstream"
)

// historyTables are those that hold visitors, with what their rows are put in order by.
var historyTables = map[string]string{
	"events": "seq", "sessions": "start, version", "impressions": "seq, position", "orders": "seq", "dead_letters": "seq", "visitor_days": "day", "sampled": "seq",
}

// historyRows reads, of a data folder on which no server runs, a visitor's rows of each table as text.
func (in *installation) historyRows(visitor string) map[string][]string {
	in.t.Helper()
	source, err := openSourceAlone(in.t.Context(), env{in.getenv, in.out, in.out}, dataDir(in.dir))
	if err != nil {
		in.t.Fatal(err)
	}
	defer func() {
		if err := source.close(in.t.Context()); err != nil {
			in.t.Error(err)
		}
	}()
	if err := source.db.Prepare(in.t.Context()); err != nil {
		in.t.Fatal(err)
	}
	all := map[string][]string{}
	for table, order := range historyTables {
		where := fmt.Sprintf("visitor_hash = %d", clickstream.VisitorHash(visitor))
		if table == "dead_letters" {
			where = fmt.Sprintf("position(payload, '%s') > 0", visitor)
		}
		rows, err := source.db.Query(in.t.Context(), fmt.Sprintf("SELECT toString(tuple(*)) FROM %s WHERE %s ORDER BY %s", table, where, order))
		if err != nil {
			in.t.Fatal(err)
		}
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				in.t.Fatal(err)
			}
			all[table] = append(all[table], text)
		}
		if err := rows.Err(); err != nil {
			in.t.Fatal(err)
		}
		rows.Close()
	}
	return all
}

func TestErasedVisitorIsNowhereInHistory(t *testing.T) {
	in := newInstallation(t)
	in.keepHistory()
	in.start()
	in.fillErasure(erasedVisitorID, erasedUser, erasedSearch, "tx-of-the-past", "unmentionable")
	in.fillErasure("v_other", "customer-who-stays", "kettle", "tx-that-stays", "harmless")
	in.settle()
	in.waitHistory()
	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	before, other := in.historyRows(erasedVisitorID), in.historyRows("v_other")
	for table := range historyTables {
		if len(before[table]) == 0 {
			t.Errorf("%s has nothing of the visitor: the test proves little", table)
		}
	}

	inHistory := 0
	for path := range in.holding(erasedVisitorID) {
		if strings.Contains(path, "/history/") {
			inHistory++
		}
	}
	if inHistory == 0 {
		t.Error("no file of the engine shows the visitor: the search proves little")
	}

	in.start()
	in.eraseVisitor(erasedVisitorID)
	begin := time.Now()
	in.waitErased()
	t.Logf("erased after %v", time.Since(begin).Round(time.Millisecond))
	in.grepData(erasedWords...)
	in.waitHistory()
	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	in.grepData(erasedWords...)
	if out := in.command("verify", "--data", in.dir); !strings.Contains(out, "all is well") {
		t.Errorf("verify says\n%s", out)
	}
	for table, rows := range in.historyRows(erasedVisitorID) {
		t.Errorf("%s still has %d rows", table, len(rows))
	}
	compareRows(t, "after the erasure", in.historyRows("v_other"), other)

	in.start()
	in.fillErasure(erasedVisitorID, "another-user", "another search", "tx-new", "another word")
	in.settle()
	in.waitHistory()
	in.eraseVisitor("v_other")
	in.waitErased()
	in.waitHistory()
	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	for table, rows := range in.historyRows(erasedVisitorID) {
		if len(rows) < min(1, len(before[table])) {
			t.Errorf("%s has %d rows of the new life", table, len(rows))
		}
	}
	if left := in.historyRows("v_other"); len(left) > 0 {
		t.Errorf("left of the other: %v", left)
	}
}

func compareRows(t *testing.T, what string, got, want map[string][]string) {
	t.Helper()
	for table := range historyTables {
		g, w := strings.Join(got[table], "\n"), strings.Join(want[table], "\n")
		if table == "sessions" { // a session goes on: only its versions before must be the same
			g = g[:min(len(g), len(w))]
		}
		if g != w {
			t.Errorf("%s: %s\n got %s\nwant %s", what, table, g, w)
		}
	}
}

// TestErasureOfWhatIsNotWrittenYetLeavesNoRows asks for an erasure while plans wait and nothing was written to ClickHouse.
func TestErasureOfWhatIsNotWrittenYetLeavesNoRows(t *testing.T) {
	in := newInstallation(t)
	in.keepHistory()
	const lives = 3
	for i := range lives { // killed before the engine is up, so that plans wait
		p := in.startProcess("--checkpoint-every", "50ms")
		in.fillErasure(erasedVisitorID, erasedUser, erasedSearch, fmt.Sprint("tx-of-the-past", i), "unmentionable")
		in.fillErasure("v_other", "customer-who-stays", "kettle", fmt.Sprint("tx-that-stays", i), "harmless")
		in.settle()
		if i == lives-1 {
			in.eraseVisitor(erasedVisitorID)
		}
		p.kill()
	}
	in.start()
	in.waitErased()
	ledger := in.waitHistory()
	if ledger.Erased != lives*lifeEvents {
		t.Errorf("ledger %+v, want %d erased", ledger, lives*lifeEvents)
	}
	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	in.grepData(erasedWords...)
	for table, rows := range in.historyRows(erasedVisitorID) {
		t.Errorf("%s has %d rows", table, len(rows))
	}
	if rows := in.historyRows("v_other"); len(rows["events"]) < lives*lifeEvents {
		t.Errorf("%d events of the other visitor, want %d and what was shown", len(rows["events"]), lives*lifeEvents)
	}
}

// TestErasureOfHistoryIsCompletedWhereverItIsKilled kills product and engine while ClickHouse deletes, or while old parts wait to go.
func TestErasureOfHistoryIsCompletedWhereverItIsKilled(t *testing.T) {
	in := newInstallation(t)
	in.keepHistory()
	waits := []time.Duration{100, 400, 900}
	for i, wait := range waits {
		who := fmt.Sprintf("v_gone-%d.x", i)
		p := in.startProcess()
		in.fillErasure(who, "user-"+who, "search for "+who, "tx-"+who, "word-"+who)
		in.fillErasure(fmt.Sprint("v_stays-", i), "u", "s", fmt.Sprint("t-", i), "w")
		in.ask("settle history", nil) // rows may be more than the ledger says while the erasure before is at work
		in.eraseVisitor(who)
		<-time.After(wait * time.Millisecond)
		p.kill()
	}
	in.start()
	in.waitErased()
	if ledger := in.waitHistory(); ledger.Erased != int64(len(waits)*lifeEvents) {
		t.Errorf("ledger %+v, want %d erased", ledger, len(waits)*lifeEvents)
	}
	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	in.grepData("v_gone-")
	if out := in.command("verify", "--data", in.dir); !strings.Contains(out, "all is well") {
		t.Errorf("verify says\n%s", out)
	}
	for i := range waits {
		if rows := in.historyRows(fmt.Sprint("v_stays-", i)); len(rows["events"]) < lifeEvents || len(rows["visitor_days"]) == 0 {
			t.Errorf("rows of the visitor who stays: %v", rows)
		}
	}
}
