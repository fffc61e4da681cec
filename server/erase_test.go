package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Words that only the erased visitor brought.
const (
	erasedVisitorID = "v_erase-me.6" // among those that the history samples
	erasedUser      = "customer-of-the-past"
	erasedSearch    = "quixotic zeppelin"
)

var erasedWords = []string{erasedVisitorID, erasedUser, erasedSearch, "zeppelin", "tx-of-the-past", "unmentionable"}

// lifeEvents is how many events fillErasure has accepted.
const lifeEvents = 7

// filledLives makes ids of events unique: those of an erased event stay known.
var filledLives atomic.Int64

// fillErasure gives a visitor a life: a user, a search, orders, an open session, a dead letter, an impression.
func (in *installation) fillErasure(visitor, user, search, transaction, word string) {
	in.t.Helper()
	in.want(202, "PUT", "/v1/items", in.secret, `{"item_id":"sku-1","title":"Kettle","price":1999,"currency":"EUR","stock":5}
{"item_id":"sku-9","title":"Cup","price":500,"currency":"EUR","stock":5}`, nil)
	life := filledLives.Add(1)
	line := func(id, name, more string) string {
		if more != "" {
			more = "," + more
		}
		return fmt.Sprintf(`{"id":"%d-%s-%s","visitor":%q,"name":%q,"ts":%d%s}`, life, visitor, id, visitor, name, time.Now().UnixMilli(), more)
	}
	lines := []string{
		line("1", "login", fmt.Sprintf(`"user":%q`, user)),
		line("2", "search", fmt.Sprintf(`"search_term":%q`, search)),
		line("3", "view_item", itemOf("sku-1")),
		line("4", "view_item", itemOf("sku-2")),
		line("5", "purchase", fmt.Sprintf(`"transaction_id":%q,"currency":"EUR","value":1999,"user":%q,"items":[{"item_id":"sku-1","price":1999}]`, transaction, user)),
		line("7", "view_item", itemOf("sku-9")),
		line("6", "add_to_cart", itemOf("sku-2")+fmt.Sprintf(`,"props":{"note":%q}`, word)),
	}
	var answer importAnswer
	in.want(202, "POST", "/v1/import", in.secret, strings.Join(lines, "\n"), &answer)
	if answer.Accepted != len(lines) {
		in.t.Fatalf("accepted %d of %d: %+v", answer.Accepted, len(lines), answer)
	}
	bad := batch(visitor, fmt.Sprintf(`{"id":"bad %s","name":"view_item","ts":%d,"props":{"note":%q}}`, visitor, time.Now().UnixMilli(), word))
	in.want(202, "POST", "/v1/events", in.secret, bad, nil)
	in.settle()
	if text := in.want(200, "GET", "/v1/recommendations?placement=home&visitor="+visitor, in.secret, "", nil); !strings.Contains(text, "item_id") {
		in.t.Errorf("nothing was shown: %s", text)
	}
}

func (in *installation) eraseVisitor(visitor string) {
	in.t.Helper()
	var answer struct {
		CompleteBy int64 `json:"complete_by"`
	}
	in.want(202, "DELETE", "/v1/visitors/"+visitor, in.secret, "", &answer)
	if left := time.Until(time.UnixMilli(answer.CompleteBy)); left < time.Minute || left > 25*time.Hour {
		in.t.Errorf("complete_by is in %v", left)
	}
}

// waitErased waits until no erasure is pending.
func (in *installation) waitErased() {
	in.t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for time.Now().Before(deadline) {
		if _, err := os.Stat(filepath.Join(in.dir, "erasures.json")); os.IsNotExist(err) {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
	in.t.Fatalf("not erased in three minutes\n%s", in.out)
}

func TestErasedVisitorIsNowhereInTheDataFolder(t *testing.T) {
	in := newInstallation(t)
	in.start("--checkpoint-every", "1h")
	in.fillErasure(erasedVisitorID, erasedUser, erasedSearch, "tx-of-the-past", "unmentionable")
	in.fillErasure("v_other", "customer-who-stays", "kettle", "tx-that-stays", "harmless")
	in.settle()
	if err := in.checkpoint(); err != nil {
		t.Fatal(err)
	}
	in.settle()
	profile := in.want(200, "GET", "/v1/visitors/v_other", in.secret, "", nil)
	var before, after ledgerAnswer
	in.want(200, "GET", "/v1/ledger", in.secret, "", &before)
	in.want(200, "GET", "/v1/visitors/"+erasedVisitorID, in.secret, "", nil)
	for _, word := range erasedWords {
		if len(in.holding(word)) == 0 {
			t.Errorf("%q is nowhere before: the test proves little", word)
		}
	}

	in.eraseVisitor(erasedVisitorID)
	in.eraseVisitor("v_never-heard-of")
	in.waitErased()
	in.want(404, "GET", "/v1/visitors/"+erasedVisitorID, in.secret, "", nil)
	in.grepData(erasedWords...)
	check := func(what string) {
		t.Helper()
		if got := in.want(200, "GET", "/v1/visitors/v_other", in.secret, "", nil); got != profile {
			t.Errorf("%s: the other visitor's profile\n got %s\nwant %s", what, got, profile)
		}
		in.want(200, "GET", "/v1/ledger", in.secret, "", &after)
		if after.Erased != lifeEvents || after.Stored != before.Stored || after.Received != after.Stored+after.Duplicates+after.Rejected {
			t.Errorf("%s: ledger %+v, was %+v", what, after, before)
		}
		letters := in.want(200, "GET", "/v1/deadletter", in.secret, "", nil)
		if strings.Contains(letters, erasedVisitorID) || !strings.Contains(letters, "v_other") {
			t.Errorf("%s: dead letters %s", what, letters)
		}
	}
	check("running")
	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	in.grepData(erasedWords...)
	in.command("verify", "--data", in.dir)

	in.start()
	check("restarted")
	in.want(404, "GET", "/v1/visitors/"+erasedVisitorID, in.secret, "", nil)
	in.fillErasure(erasedVisitorID, "another-user", "another search", "tx-new", "another word")
	in.settle()
	in.want(200, "GET", "/v1/visitors/"+erasedVisitorID, in.secret, "", nil)
	in.command("sites", "list", "--data", in.dir)
	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	out := in.command("verify", "--data", in.dir)
	if !strings.Contains(out, fmt.Sprint("erased ", lifeEvents)) {
		t.Errorf("verify says\n%s", out)
	}
}

func TestErasureAsksForTheKeyOfTheSite(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.fillErasure("v_1", "u", "s", "t", "w")
	_, secret := in.makeSite("other")
	in.want(401, "DELETE", "/v1/visitors/v_1", in.public, "", nil)
	in.want(400, "DELETE", "/v1/visitors/v%201", in.secret, "", nil)
	in.want(202, "DELETE", "/v1/visitors/v_1", secret, "", nil)
	in.waitErased()
	in.want(200, "GET", "/v1/visitors/v_1", in.secret, "", nil)
}

// TestErasureIsCompletedWhereverItIsKilled kills the server at moments of an erasure and lets another finish it.
func TestErasureIsCompletedWhereverItIsKilled(t *testing.T) {
	in := newInstallation(t)
	waits := []time.Duration{0, 2, 5, 10, 20, 40, 80, 150}
	kept, erased := 0, int64(0)
	for i, wait := range waits {
		p := in.startProcess("--checkpoint-every", "100ms")
		who := fmt.Sprintf("v_gone-%d.x", i)
		in.fillErasure(who, "user-"+who, "search for "+who, "tx-"+who, "word-"+who)
		in.fillErasure(fmt.Sprint("v_stays-", i), "u", "s", fmt.Sprint("t-", i), "w")
		kept, erased = kept+lifeEvents, erased+lifeEvents
		in.eraseVisitor(who)
		<-time.After(wait * time.Millisecond)
		p.kill()
		os.Remove(filepath.Join(in.dir, "server.json"))
		if out := in.command("verify", "--data", in.dir); !strings.Contains(out, "all is well") {
			t.Errorf("killed after %d ms: verify says\n%s", wait, out)
		}
	}
	p := in.startProcess()
	in.waitErased()
	var ledger ledgerAnswer
	in.want(200, "GET", "/v1/ledger", in.secret, "", &ledger)
	in.settle()
	p.kill()
	os.Remove(filepath.Join(in.dir, "server.json"))
	if ledger.Erased != erased || ledger.Received != ledger.Stored+ledger.Duplicates+ledger.Rejected {
		t.Errorf("ledger %+v, want %d erased", ledger, erased)
	}
	if ids, doubled := in.storedIDs(); len(ids) != kept || doubled != 0 {
		t.Errorf("%d events are left, want %d; %d doubled", len(ids), kept, doubled)
	}
	in.grepData("v_gone-")
	in.command("verify", "--data", in.dir)
}

// checkpoint makes the running server write one, as a backup does.
func (in *installation) checkpoint() error {
	s, ok := runningServer(dataDir(in.dir))
	if !ok {
		in.t.Fatal("no server runs")
	}
	return s.send(in.t.Context(), operation{Name: "backup", Args: map[string]string{"to": filepath.Join(in.t.TempDir(), "copy")}}, new(any))
}
