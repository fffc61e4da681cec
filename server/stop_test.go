package main

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestStopUnderLoadKeepsWhatWasAcknowledged ends the server by SIGTERM while events come in.
func TestStopUnderLoadKeepsWhatWasAcknowledged(t *testing.T) {
	in := newInstallation(t)
	in.env["BECKON_RATE_KEY"], in.env["BECKON_RATE_VISITOR"], in.env["BECKON_RATE_IP"] = "0", "0", "0"
	p := in.startProcess()
	load := &ackLoad{acked: map[string]bool{}}
	stop := load.start(in)
	<-time.After(300 * time.Millisecond)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.ended:
		if err != nil {
			t.Errorf("ended with %v\n%s", err, in.out)
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("still running half a minute after SIGTERM\n%s", in.out)
	}
	stop()
	stored, doubled := in.storedIDs()
	lost := 0
	for id := range load.acked {
		if !stored[id] {
			lost++
		}
	}
	if lost > 0 || doubled > 0 || len(load.acked) == 0 {
		t.Errorf("acknowledged %d, lost %d, doubled %d", len(load.acked), lost, doubled)
	}
	if _, err := os.Stat(dataDir(in.dir).path("server.json")); err == nil {
		t.Error("server.json outlived the server")
	}
}

func TestTwoServersNeverShareADataFolder(t *testing.T) {
	in := newInstallation(t)
	in.start()
	var out output
	err := run(t.Context(), in.serveArgs(), in.getenv, &out, &out)
	if err == nil || !strings.Contains(err.Error(), "control log") {
		t.Errorf("a second server on the folder: got %v, want an error about the control log's lock", err)
	}
}

func TestBackupComesBackWhole(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.want(202, "PUT", "/v1/items", in.secret, `{"item_id":"sku-1","title":"Kettle","price":1999,"currency":"EUR","stock":9}`, nil)
	body := batch("v1", event("e1", "add_to_cart", itemOf("sku-1")))
	in.want(202, "POST", "/v1/events", in.public, body, nil)
	copied := t.TempDir() + "/copy"
	in.command("backup", copied, "--data", in.dir)
	in.want(202, "POST", "/v1/events", in.public, batch("v1", event("after", "view_item", itemOf("sku-2"))), nil)

	back := &installation{t: t, dir: t.TempDir() + "/data", site: in.site, env: in.env, public: in.public, secret: in.secret}
	back.command("restore", copied, "--data", back.dir)
	back.command("verify", "--data", back.dir)
	back.start()
	if !strings.Contains(back.out.String(), "from checkpoint") {
		t.Errorf("the backup's checkpoints were not used:\n%s", back.out)
	}
	var a importAnswer
	back.want(202, "POST", "/v1/events", back.public, body, &a)
	if a.Duplicates != 1 {
		t.Errorf("an event of before the backup: %+v, want a duplicate", a)
	}
	var item struct{ Title string }
	back.want(200, "GET", "/v1/items/sku-1", back.secret, "", &item)
	if item.Title != "Kettle" {
		t.Errorf("item %+v", item)
	}
	var profile struct {
		Cart []struct {
			Item string `json:"item_id"`
		}
	}
	back.want(200, "GET", "/v1/visitors/v1", back.secret, "", &profile)
	if len(profile.Cart) != 1 || profile.Cart[0].Item != "sku-1" {
		t.Errorf("profile %+v", profile)
	}
	var l ledgerAnswer
	back.want(200, "GET", "/v1/ledger", back.secret, "", &l)
	if l.Stored != 1 || l.Received != 2 || l.Duplicates != 1 {
		t.Errorf("ledger %+v, want what was there at the backup and the duplicate", l)
	}
}

func TestVerifyFindsDamage(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.want(202, "POST", "/v1/events", in.public, batch("v1", event("e1", "view_item", itemOf("sku-1")), event("e2", "view_item", itemOf("sku-2"))), nil)
	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	in.command("verify", "--data", in.dir)
	segment := newestFile(t, dataDir(in.dir).events(), ".seg")
	content, err := os.ReadFile(segment)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(content), "sku-1")
	if at < 0 {
		t.Fatalf("%s does not hold the event", segment)
	}
	content[at] ^= 1
	if err := os.WriteFile(segment, content, 0o600); err != nil {
		t.Fatal(err)
	}
	var out output
	if err := run(t.Context(), []string{"verify", "--data", in.dir}, in.getenv, &out, &out); err == nil {
		t.Errorf("verify found nothing in a damaged log:\n%s", out.String())
	}
}

func newestFile(t *testing.T, dir, suffix string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	name := ""
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), suffix) {
			name = dir + "/" + e.Name()
		}
	}
	if name == "" {
		t.Fatalf("no %s in %s", suffix, dir)
	}
	return name
}
