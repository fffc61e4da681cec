package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCommandsRefuseWhatIsNotThereAndChangeNothing(t *testing.T) {
	dir := t.TempDir()
	none := filepath.Join(dir, "none")
	file := filepath.Join(dir, "history.ndjson")
	if err := os.WriteFile(file, []byte(`{"id":"1","name":"view_item","ts":1,"visitor":"v","items":[{"item_id":"a"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args  []string
		usage bool
	}{
		{[]string{"backup", filepath.Join(dir, "copy"), "--data", none}, false},
		{[]string{"restore", filepath.Join(dir, "nowhere"), "--data", none}, false},
		{[]string{"verify", "--data", none}, false},
		{[]string{"sites", "list", "--data", none}, false},
		{[]string{"replay", file, filepath.Join(dir, "nothing"), "--data", none}, false},
		{[]string{"replay", file, "--format", "moon", "--data", none}, true},
	} {
		var out output
		err := run(t.Context(), c.args, func(string) string { return "" }, &out, &out)
		var usage *usageError
		if err == nil || errors.As(err, &usage) != c.usage {
			t.Errorf("%v: error %v, usage error: want %v", c.args, err, c.usage)
		}
		if _, err := os.Stat(none); err == nil {
			t.Fatalf("%v made the data folder", c.args)
		}
	}
}

func TestMigrateDryRunChangesNothing(t *testing.T) {
	in := newInstallation(t)
	if out := in.command("migrate", "--dry-run", "--data", in.dir); strings.Count(out, "CREATE TABLE") < 9 {
		t.Errorf("got %s", out)
	}
	if _, err := os.Stat(dataDir(in.dir).history()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want no history folder", err)
	}
	in.command("migrate", "--history-keep", "48h", "--data", in.dir)
	for _, args := range [][]string{{"migrate"}, {"migrate", "--dry-run"}} { // how long rows stay is not what they ask to change
		if out := in.command(append(args, "--data", in.dir)...); !strings.HasPrefix(out, "up to date") {
			t.Errorf("%v printed %s", args, out)
		}
	}
}
