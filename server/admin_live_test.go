package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// liveFrames reads a page's frames. until gives those that come until one fits.
type liveFrames struct {
	d    *dashboardReader
	body *bufio.Reader
	end  func()
	now  map[string]string // each region's latest content
}

// looks opens a stream as a page does.
func (d *dashboardReader) looks(topics, site string) *liveFrames {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 20*time.Second)
	req, err := http.NewRequestWithContext(ctx, "GET", d.url+"/admin/frames?lang=en&site="+site+"&topic="+topics, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	resp, err := d.client.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") || resp.Header.Get("Content-Security-Policy") == "" {
		d.t.Fatalf("frames: %d %v", resp.StatusCode, resp.Header)
	}
	f := &liveFrames{d: d, body: bufio.NewReader(resp.Body), now: map[string]string{}}
	f.end = func() {
		cancel()
		resp.Body.Close()
	}
	d.t.Cleanup(f.end)
	return f
}

// until reads frames until what they show fits.
func (f *liveFrames) until(what string, fits func(now map[string]string) bool) {
	f.d.t.Helper()
	for !fits(f.now) {
		line, err := f.body.ReadString('\n')
		if err != nil {
			f.d.t.Fatalf("until %s: %v; it shows %v", what, err, f.now)
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		var frame struct{ Regions map[string]string }
		if err := json.Unmarshal([]byte(data), &frame); err != nil {
			f.d.t.Fatal(err)
		}
		for id, html := range frame.Regions {
			f.now[id] = html
		}
	}
}

func TestWhatIsSentStandsOnTheLivePageWithinTwoSeconds(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.want(202, "PUT", "/v1/items", in.secret, `{"item_id":"sku-1","title":"Steel kettle","price":1999,"currency":"EUR","stock":9}`, nil)
	in.want(202, "POST", "/v1/events", in.public, batch("v_1", event("a", "view_item", itemOf("sku-1"))), nil)
	in.settle()
	vera := in.reads("vera", "viewer")
	vera.wants("/admin/live", "Steel kettle", "v_1", "Looked at a product", `data-live="live"`)
	f := vera.looks("live,overview", in.site)
	f.until("the page's own state", func(now map[string]string) bool {
		return strings.Contains(now["live-events"], "Steel kettle") && now["overview-tiles"] != ""
	})

	begun := time.Now()
	in.want(202, "POST", "/v1/events", in.public, batch("v_2", event("b", "search", `"search_term":"copper pot"`)), nil)
	f.until("the search", func(now map[string]string) bool {
		return strings.Contains(now["live-events"], "copper pot") && strings.Contains(now["live-visits"], "v_2") && strings.Contains(now["overview-viewed"], "copper pot")
	})
	if took := time.Since(begun); took > 3*time.Second { // two seconds, and a busy machine
		t.Errorf("it took %v", took)
	}
	filtered := vera.looks("live%3Fname=search", in.site)
	filtered.until("what is looked for", func(now map[string]string) bool { return strings.Contains(now["live-events"], "copper pot") })
	if strings.Contains(filtered.now["live-events"], "Steel kettle") {
		t.Error("the filtered page shows what was not looked for")
	}
	vera.wants("/admin/live?q=copper", "copper pot")
	vera.wants("/admin/live?format=csv", "copper pot", "v_2")
	vera.wants("/admin/live/visitors/v_1", "Steel kettle", "counting and personalization", "Timeline")
	if status, _ := vera.get("/admin/live/visitors/nobody"); status != 200 {
		t.Errorf("an unknown visitor's page: %d", status)
	}
}

func TestFramesOfAForeignSiteAreRefused(t *testing.T) {
	in := newInstallation(t)
	in.makeSite("other")
	in.start()
	vera := in.reads("vera", "viewer", "test")
	for path, want := range map[string]int{
		"/admin/frames?topic=live&site=other": 404, "/admin/frames?topic=nothing&site=test": 400, "/admin/frames?topic=live%3F%25zz&site=test": 400,
		"/admin/live/visitors/v_1/export": 403, "/admin?site=other": 404, "/admin/live/visitors/%20": 404,
	} {
		if status, page := vera.get(path); status != want {
			t.Errorf("%s: %d, want %d: %.200s", path, status, want, page)
		}
	}
	if status, _ := vera.post("/admin/live/visitors/v_1/erase"); status != 403 {
		t.Errorf("a viewer erases: %d", status)
	}
	resp, err := http.Get(in.url + "/admin/frames?topic=live")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		t.Error("frames for nobody")
	}
}

func TestAStoppedServerEndsItsStreams(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.want(202, "POST", "/v1/events", in.public, batch("v_1", event("a", "view_item", itemOf("sku-1"))), nil)
	vera := in.reads("vera", "viewer")
	f := vera.looks("overview", in.site)
	f.until("tiles", func(now map[string]string) bool { return now["overview-tiles"] != "" })
	begun := time.Now()
	if err := in.stop(); err != nil {
		t.Error(err)
	}
	for {
		if _, err := f.body.ReadString('\n'); err != nil {
			break
		}
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("stopping took %v", took)
	}
}

var tileValue = regexp.MustCompile(`(?s)Orders today.*?tile-value[^>]*>\s*([0-9]+)`)

func TestTheOverviewsNumbersAreTheLedgers(t *testing.T) {
	in := newInstallation(t)
	in.command("sites", "update", "test", "--currency", "EUR", "--data", in.dir)
	in.start()
	vera := in.reads("vera", "viewer")
	vera.wants("/admin", "This shop has sent nothing yet", in.public, "b.js")
	sent := 0
	for i := range 40 {
		events := []string{event(fmt.Sprint("a", i), "view_item", itemOf("sku-1")), event(fmt.Sprint("b", i), "add_to_cart", itemOf("sku-1"))}
		if i%4 == 0 { // each order twice, as a page that is loaded again does
			for n := range 2 {
				events = append(events, event(fmt.Sprintf("c%d-%d", i, n), "purchase", itemOf("sku-1")+fmt.Sprintf(`,"currency":"EUR","value":1500,"transaction_id":"t%d"`, i)))
			}
		}
		sent += len(events)
		in.want(202, "POST", "/v1/events", in.public, batch(fmt.Sprint("v_", i), events...), nil)
	}
	in.settle()
	page := vera.wants("/admin", "€150.00", "Same day last week")
	if m := tileValue.FindStringSubmatch(page); m == nil || m[1] != "10" {
		t.Errorf("orders today: %v", m)
	}
	var l ledgerAnswer
	in.want(200, "GET", "/v1/ledger", in.secret, "", &l)
	_, text := vera.get("/admin?format=csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	sum := func(name string) (n int64) {
		for at, title := range rows[0] {
			for _, row := range rows[1:] {
				if title == name {
					v, err := strconv.ParseInt(row[at], 10, 64)
					if err != nil {
						t.Fatal(err)
					}
					n += v
				}
			}
		}
		return n
	}
	if got := sum("events") + sum("machine_events") + sum("late_events"); got != l.Stored || got != int64(sent) {
		t.Errorf("the minutes hold %d events, the ledger %d, sent were %d", got, l.Stored, sent)
	}
	if sum("visits") != 40 || sum("orders") != 10 || sum("revenue_minor") != 15_000 || sum("visits_ordered") != 10 || sum("item_views") != 40 {
		t.Errorf("visits %d, orders %d, revenue %d, visits with orders %d, views %d", sum("visits"), sum("orders"), sum("revenue_minor"), sum("visits_ordered"), sum("item_views"))
	}
}

func TestAnAdministratorErasesAVisitor(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.want(202, "POST", "/v1/events", in.public, batch("v_gone", event("a", "view_item", itemOf("sku-1"))), nil)
	in.settle()
	ada := in.reads("ada", "admin")
	ada.wants("/admin/live", "v_gone")
	ada.wants("/admin/live/visitors/v_gone", "Erase this visitor", "Download everything")
	ada.wants("/admin/live/visitors/v_gone/export", `"visitor":"v_gone"`)
	ada.get("/admin/live/visitors/v_gone")
	if status, page := ada.post("/admin/live/visitors/v_gone/erase"); status != 200 {
		t.Fatalf("erase: %d %s", status, page)
	}
	in.waitErased()
	if _, page := ada.get("/admin/live"); strings.Contains(page, "v_gone") {
		t.Error("the live page still names the erased visitor")
	}
}
