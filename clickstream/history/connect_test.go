package history

import (
	"strings"
	"testing"
)

func TestURLNamesWhatIsWrongAndNotThePassword(t *testing.T) {
	for text, want := range map[string]string{
		"http://u:hidden@host:8123/be-con":            "database",
		"http://u:hidden@host:8123/b?cluster=a;b":     "parameters",
		"http://u:hidden@host:8123/b?cluster=a%20b":   "cluster",
		"http://u:hidden@host:8123/b?replicated=x":    "replicated",
		"ftp://u:hidden@host/b":                       "scheme",
		"http://u:hidden@ho st":                       "not a URL",
		"http://u:hidden@host/b?dial_timeout=soon":    "dial timeout",
		"clickhouse://u:hidden@host/b?secure=perhaps": "secure",
	} {
		err := CheckURL(text)
		if err == nil {
			t.Errorf("%s: no error", text)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: got %v, want it to name %s and no password", text, err, want)
		}
	}
}

func TestURLGivesDatabaseAndCluster(t *testing.T) {
	db, err := Connect(Config{URL: "http://u:p@host:8123/shops?cluster=main&replicated=1&max_threads=2"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if db.Database() != "shops" || db.Cluster() != "main" || !db.Replicated() {
		t.Errorf("got %s, %s, %v", db.Database(), db.Cluster(), db.Replicated())
	}
	plain, err := Connect(Config{URL: "https://host:8443"})
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	if plain.Database() != DefaultDatabase || plain.Cluster() != "" || plain.Replicated() {
		t.Errorf("got %s, %s, %v", plain.Database(), plain.Cluster(), plain.Replicated())
	}
}
