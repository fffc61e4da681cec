package main

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

// TestHistoryEqualsStoredThroughKills kills the whole product at random moments while events are posted and written to the embedded
// engine, starts it again, and compares ClickHouse with the log when all is written: rows = stored, none doubled. Three kills here,
// forty in the long form.
func TestHistoryEqualsStoredThroughKills(t *testing.T) {
	kills := 3
	if os.Getenv("BECKON_LONG_TESTS") != "" {
		kills = 40
	}
	in := newInstallation(t)
	in.keepHistory()
	in.env["BECKON_RATE_KEY"], in.env["BECKON_RATE_VISITOR"], in.env["BECKON_RATE_IP"] = "0", "0", "0"
	rnd := rand.New(rand.NewPCG(3, 4))
	load := &ackLoad{acked: map[string]bool{}}
	for range kills {
		p := in.startProcess("--checkpoint-every", "500ms")
		stop := load.start(in)
		<-time.After(time.Duration(200+rnd.IntN(2500)) * time.Millisecond) // the engine takes about a second to come up
		p.kill()
		stop()
	}
	in.start()
	ledger := in.waitHistory()
	t.Logf("%d kills, %d events acknowledged, %d stored, %d rows", kills, len(load.acked), ledger.Stored, *ledger.HistoryRows)
	if int64(len(load.acked)) > ledger.Stored {
		t.Errorf("%d events acknowledged, %d stored", len(load.acked), ledger.Stored)
	}
	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	if out := in.command("verify", "--data", in.dir); !strings.Contains(out, "all is well") {
		t.Errorf("verify says:\n%s", out)
	}
}

// waitHistory waits until ClickHouse holds as many rows as the ledger says are stored, and not more.
func (in *installation) waitHistory() ledgerAnswer {
	in.t.Helper()
	var ledger ledgerAnswer
	for deadline := time.Now().Add(2 * time.Minute); ; <-time.After(50 * time.Millisecond) {
		in.want(200, "GET", "/v1/ledger", in.secret, "", &ledger)
		if ledger.HistoryRows != nil && *ledger.HistoryRows >= ledger.Stored-ledger.Erased {
			break
		}
		if time.Now().After(deadline) {
			in.t.Fatalf("history is not complete after two minutes: %+v\n%s", ledger, in.out)
		}
	}
	server, ok := runningServer(dataDir(in.dir))
	if !ok {
		in.t.Fatal("no server runs")
	}
	if err := server.send(in.t.Context(), operation{Name: "settle history"}, new(any)); err != nil { // what follows the rows is there as well
		in.t.Fatal(err)
	}
	if *ledger.HistoryRows != ledger.Stored-ledger.Erased {
		in.t.Fatalf("history has %d rows, %d are stored", *ledger.HistoryRows, ledger.Stored)
	}
	return ledger
}

// keepHistory turns the embedded engine on, which other tests go without.
func (in *installation) keepHistory() { in.env["BECKON_HISTORY"] = "auto" }
