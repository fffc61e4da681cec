package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"beckon/clickstream"
	"beckon/clickstream/eventlog"
)

// TestKillLosesNothingAcknowledged kills the server at random moments under load, recovery and checkpoints among them, starts it
// again, and compares what was acknowledged with what is stored: 0 lost, 0 doubled. Eight kills here, a hundred in the long form.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	kills := 8
	if os.Getenv("BECKON_LONG_TESTS") != "" {
		kills = 100
	}
	in := newInstallation(t)
	in.env["BECKON_RATE_KEY"], in.env["BECKON_RATE_VISITOR"], in.env["BECKON_RATE_IP"] = "0", "0", "0"
	rnd := rand.New(rand.NewPCG(1, 2))
	load := &ackLoad{acked: map[string]bool{}}
	inRecovery := 0
	for range kills {
		p := in.spawn("--checkpoint-every", "200ms")
		if rnd.IntN(4) == 0 { // during the start itself: recovery must survive being killed
			select {
			case <-time.After(time.Duration(rnd.IntN(60)) * time.Millisecond):
			case err := <-p.ended:
				t.Fatalf("server ended by itself: %v\n%s", err, in.out)
			}
			inRecovery++
			p.kill()
			continue
		}
		in.waitReady(p.ended)
		stop := load.start(in)
		<-time.After(time.Duration(50+rnd.IntN(400)) * time.Millisecond)
		p.kill()
		stop()
	}

	p := in.startProcess()
	lost := load.resend(in)
	var ledger ledgerAnswer
	in.want(200, "GET", "/v1/ledger", in.secret, "", &ledger)
	p.kill()
	stored, doubled := in.storedIDs()
	for id := range load.acked {
		if !stored[id] {
			lost++
		}
	}
	t.Logf("%d kills (%d of them during a start), %d events acknowledged, %d stored, %d lost, %d doubled", kills, inRecovery, len(load.acked), len(stored), lost, doubled)
	if lost > 0 || doubled > 0 {
		t.Errorf("lost %d, doubled %d, want none", lost, doubled)
	}
	if len(load.acked) < 10*kills {
		t.Errorf("only %d events were acknowledged: the test proves little", len(load.acked))
	}
	if ledger.Received != ledger.Stored+ledger.Duplicates+ledger.Rejected {
		t.Errorf("ledger does not balance: %+v", ledger)
	}
	if ledger.Stored != int64(len(stored)) {
		t.Errorf("ledger says %d stored, the log holds %d", ledger.Stored, len(stored))
	}
}

// ackLoad posts events until the server is gone and remembers which were acknowledged.
type ackLoad struct {
	mu    sync.Mutex
	acked map[string]bool
	next  atomic.Int64
}

func (l *ackLoad) start(in *installation) (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			client := &http.Client{Timeout: 5 * time.Second}
			defer client.CloseIdleConnections()
			for {
				select {
				case <-done:
					return
				default:
				}
				n := l.next.Add(1)
				var ids, events []string
				for i := range 5 {
					id := fmt.Sprintf("k-%d-%d", n, i)
					ids = append(ids, id)
					events = append(events, event(id, "view_item", itemOf(fmt.Sprint("sku-", n%50))))
				}
				if !post(client, in, batch(visitorOf(n), events...)) {
					return
				}
				l.mu.Lock()
				for _, id := range ids {
					l.acked[id] = true
				}
				l.mu.Unlock()
			}
		})
	}
	return func() {
		close(done)
		wg.Wait()
	}
}

// post says whether the whole body was acknowledged.
func post(client *http.Client, in *installation, body string) bool {
	req, err := http.NewRequest("POST", in.url+"/v1/events?k="+in.public, strings.NewReader(body))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 202 {
		return false
	}
	var a importAnswer
	return json.Unmarshal(text, &a) == nil && a.Accepted+a.Duplicates == 5
}

// resend sends the acknowledged events among the last thousand again: each must be known.
func (l *ackLoad) resend(in *installation) (lost int) {
	in.t.Helper()
	n := l.next.Load()
	for k := max(1, n-200); k <= n; k++ {
		var events []string
		for i := range 5 {
			if id := fmt.Sprintf("k-%d-%d", k, i); l.acked[id] {
				events = append(events, event(id, "view_item", itemOf("sku-1")))
			}
		}
		if len(events) == 0 {
			continue
		}
		var a importAnswer
		in.want(202, "POST", "/v1/events", in.public, batch(visitorOf(k), events...), &a)
		lost += len(events) - a.Duplicates
	}
	return lost
}

func visitorOf(n int64) string { return fmt.Sprint("v-", n%200) }

// storedIDs reads the log itself.
func (in *installation) storedIDs() (ids map[string]bool, doubled int) {
	in.t.Helper()
	log, err := eventlog.Open(eventlog.Config{Dir: dataDir(in.dir).events()})
	if err != nil {
		in.t.Fatal(err)
	}
	defer log.Close()
	ids = map[string]bool{}
	var e clickstream.Event
	for p := range log.Partitions() - 1 {
		r, err := log.Read(p, log.First(p))
		if err != nil {
			in.t.Fatal(err)
		}
		for {
			b, ok, err := r.Next(1 << 20)
			if err != nil {
				in.t.Fatal(err)
			}
			if !ok {
				break
			}
			for i := range b.Len() {
				if clickstream.RecordType(b.At(i)) != clickstream.RecordEvent {
					continue
				}
				if err := clickstream.DecodeEvent(b.At(i), &e); err != nil {
					in.t.Fatal(err)
				}
				if e.Generated {
					continue
				}
				key := strings.Clone(e.ID)
				if ids[key] {
					doubled++
				}
				ids[key] = true
			}
		}
		r.Close()
	}
	return ids, doubled
}
