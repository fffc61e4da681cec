package simulate

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata anew")

// tinyFile is a scenario file whose run takes a moment.
const tinyFile = `{"name":"tiny & <small>","about":"Two items for the golden files.","items":2,"days":14,"price":[1500,3000],"elasticity":[2,2.6],
	"mispriced":{"share":0.5,"by":0.25},"traffic":[80,120]}`

func commandOf(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = Command(t.Context(), args, &out, &err, nil)
	return code, out.String(), err.String()
}

func writeTiny(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "tiny.json")
	if err := os.WriteFile(name, []byte(tinyFile), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestExitCodes(t *testing.T) {
	tiny := writeTiny(t)
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte(`[{"name":"a","price":10,"elasticty":2}]`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		args string
		code int
		says string // on stderr
	}{
		{"-h", 0, "-seeds"},
		{"--kind prices --seeds 1 --quiet --scenarios " + tiny, 0, ""},
		{"--kind=prices --seeds 1 --scenarios " + tiny + " --report " + filepath.Join(t.TempDir(), "no", "such.html"), 1, "write report"},
		{"--seeds 0", 2, "--seeds 0"},
		{"--seeds x", 2, "invalid value"},
		{"--nonsense", 2, "not defined"},
		{"extra", 2, `"extra"`},
		{"--workers -1", 2, "--workers -1"},
		{"--first-seed 0", 2, "--first-seed 0"},
		{"--policies fixed,oracle", 2, `"oracle"`},
		{"--only isoelastic,nowhere", 2, `"nowhere"`},
		{"--scenarios " + filepath.Join(t.TempDir(), "none.json"), 2, "no such file"},
		{"--scenarios " + bad, 2, "scenarios[0].elasticty: unknown field"},
	} {
		code, stdout, stderr := commandOf(t, strings.Fields(tc.args)...)
		if code != tc.code || !strings.Contains(stderr, tc.says) {
			t.Errorf("%s: exit %d, stderr %q; want %d, %q", tc.args, code, stderr, tc.code, tc.says)
		}
		if code != 0 && stdout != "" {
			t.Errorf("%s: stdout %q", tc.args, stdout)
		}
	}
}

func TestJSONIsWhatTheContractSays(t *testing.T) {
	code, stdout, _ := commandOf(t, "--kind", "prices", "--seeds", "2", "--json", "--scenarios", writeTiny(t))
	if code != 0 || strings.Count(stdout, "\n") != 1 {
		t.Fatalf("exit %d: %s", code, stdout)
	}
	var got struct {
		Violations *int `json:"violations"`
		Scenarios  []struct {
			Name, Policy  string
			ProfitUplift  map[string]float64 `json:"profit_uplift"`
			RevenueUplift map[string]float64 `json:"revenue_uplift"`
			Regret        *float64           `json:"regret"`
			Changes       *float64           `json:"changes_per_item"`
		} `json:"scenarios"`
		Losing []struct{ Name, Against string } `json:"losing"`
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if got.Violations == nil || *got.Violations != 0 || got.Losing == nil {
		t.Errorf("violations or losing: %s", stdout)
	}
	var policies []string
	for _, r := range got.Scenarios {
		policies = append(policies, r.Policy)
		for _, spread := range []map[string]float64{r.ProfitUplift, r.RevenueUplift} {
			for _, key := range []string{"p5", "mean", "p95"} {
				if _, ok := spread[key]; !ok || len(spread) != 3 {
					t.Errorf("%s: %v", r.Policy, spread)
				}
			}
		}
		if r.Name == "" || r.Regret == nil || r.Changes == nil {
			t.Errorf("%s: a field is missing: %s", r.Policy, stdout)
		}
	}
	if want := DefaultPolicies(); !slices.Equal(policies, want) {
		t.Errorf("policies %v, want %v", policies, want)
	}
}

// Golden files hold runs without beckon: they are about the simulation, and change with neither policy nor its settings.
func TestATinyRunIsWrittenAsBefore(t *testing.T) {
	list, err := Read(strings.NewReader(tinyFile))
	if err != nil {
		t.Fatal(err)
	}
	rep := mustRun(t, Config{Scenarios: list, Policies: []string{Fixed, Greedy, Thompson, Clairvoyant}, Seeds: 3, Paths: true})
	rep.Losing = append(rep.Losing, Loss{
		Name: list[0].Name, Policy: Beckon, Against: Greedy, Share: 1.0 / 3, Mean: -0.01, Average: true,
		Worst: []Seed{{Seed: 2, Uplift: -0.0512, Profit: 1234567, Other: -3000}},
	})
	line, err := json.MarshalIndent(rep, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "tiny.json", append(line, '\n'))
	var table, page bytes.Buffer
	if err := WriteTable(&table, rep); err != nil {
		t.Fatal(err)
	}
	golden(t, "tiny.txt", table.Bytes())
	if err := WriteHTML(&page, rep); err != nil {
		t.Fatal(err)
	}
	golden(t, "tiny.html", page.Bytes())
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; go test -update writes it anew. Got:\n%.2000s", name, got)
	}
}

func TestThePageNeedsNothingElse(t *testing.T) {
	name := filepath.Join(t.TempDir(), "report.html")
	code, _, stderr := commandOf(t, "--seeds", "2", "--scenarios", writeTiny(t), "--report", name, "--policies", "greedy,thompson")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	for _, not := range []string{"http://", "https://", "<script", "src=", "<link", "url(", "@import", "NaN", "Inf", "<small>"} {
		if strings.Contains(text, not) {
			t.Errorf("the page has %q in it", not)
		}
	}
	for _, want := range []string{"<!doctype html>", "tiny &amp; &lt;small&gt;", "prefers-color-scheme:dark", "@media print", "Where it loses", "viewport", "<svg", "thompson"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if opened, closed := strings.Count(text, "<svg"), strings.Count(text, "</svg>"); opened != closed || opened != 4 {
		t.Errorf("%d plots opened, %d closed, want 4", opened, closed)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(name), ".report-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestProgressReachesItsEndUnlessQuiet(t *testing.T) {
	tiny := writeTiny(t)
	for args, want := range map[string]int{"": 3, " --quiet": 0} {
		total, last := 0, 0
		bar := func(n int) func(int) {
			total = n
			return func(done int) {
				if done != last+1 {
					t.Errorf("%d after %d", done, last)
				}
				last = done
			}
		}
		var out, err bytes.Buffer
		if code := Command(t.Context(), strings.Fields("--seeds 3 --scenarios "+tiny+args), &out, &err, bar); code != 0 {
			t.Fatal(err.String())
		}
		if total != want || last != want {
			t.Errorf("args %q: %d of %d, want %d", args, last, total, want)
		}
	}
}
