package simulate

import (
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"beckon/pricing/guard"
)

func TestTheDocumentedFileIsReadAsItSays(t *testing.T) {
	doc, err := os.ReadFile("../../docs/PRICE-SIMULATION.md")
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile("(?s)```json\n(.*?)```").FindSubmatch(doc)
	if example == nil {
		t.Fatal("no example")
	}
	list, err := Read(strings.NewReader(string(example[1])))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 3 {
		t.Fatalf("%d scenarios", len(list))
	}
	steep, saturday, left := list[0], list[1], list[2]
	if steep.Price != Exactly(1999) || steep.Cost != Exactly(950) || steep.Items != 40 || steep.Demand.Elasticity != Exactly(3) {
		t.Errorf("steep: %+v", steep)
	}
	if saturday.Season != [7]float64{1, 1, 1, 1, 1, 1.4, 1.2} || saturday.Mispriced != (Mispriced{0.5, 0.15, 0.4, 0}) ||
		saturday.Rails.Rounding != (guard.Rounding{Step: 100, Ending: 99}) || len(saturday.Phases) != 2 ||
		saturday.Phases[1] != (Phase{Day: 100, Ramp: 30, ElasticityFactor: 1.2, CostFactor: 1.1}) {
		t.Errorf("saturday: %+v", saturday)
	}
	if !left.Perishes || left.Salvage != 0.2 || !left.Demand.Explicit || left.Mispriced.From != -0.1 {
		t.Errorf("leftovers: %+v", left)
	}
	w := newWorld(&left, 1)
	if got := w.items[0].days[0].curve.conversion(5000); math.Abs(got-0.03) > 1e-12 {
		t.Errorf("0.06 - 0.0006 · 50 is %g", got)
	}
	if w.items[0].start != 4500 || w.items[0].cost != 3000 || w.items[0].salvage != 600 {
		t.Errorf("item %+v", w.items[0])
	}
	for i := range list {
		list[i].Days, list[i].Phases, list[i].Items = 20, nil, 5
	}
	if rep := mustRun(t, Config{Scenarios: list, Seeds: 2}); rep.Violations != 0 {
		t.Errorf("%d guardrails broken", rep.Violations)
	}
}

func TestDemandMayBeWrittenInSeveralWays(t *testing.T) {
	for _, text := range []string{
		`{"name":"a","price":2000,"cost":1000,"demand":{"curve":"logit","elasticity":2,"conversion":0.02}}`,
		`{"name":"a","price":2000,"cost":1000,"demand":{"type":"logit","params":{"epsilon":2,"conversion":0.02}}}`,
		`{"name":"a","price":2000,"cost":1000,"demand":"logit","elasticity":2,"conversion":0.02}`,
		`{"name":"a","price":2000,"cost":1000,"curve":"logit","parameters":{"elasticity":2,"base_conversion":0.02}}`,
		`[{"name":"a","price":2000,"cost":1000,"curve":"logit","elasticity":[2,2],"conversion":{"from":0.02,"to":0.02}}]`,
		`{"scenarios":[{"name":"a","price":20,"cost":10,"demand":"logit","elasticity":2,"conversion":0.02,"cost_share":null}]}`,
	} {
		list, err := Read(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		want := Demand{Curve: Logit, Elasticity: Exactly(2), Conversion: Exactly(0.02), Most: 0.08}
		if len(list) != 1 || list[0].Demand != want || list[0].Price != Exactly(2000) || list[0].Cost != Exactly(1000) {
			t.Errorf("%s: %+v", text, list)
		}
	}
}

func TestCostAndPriceFollowFromOneAnother(t *testing.T) {
	for text, want := range map[string][3]int64{
		`{"name":"a","price":2000,"elasticity":2}`:                                         {2000, 1000},
		`{"name":"a","cost":1000,"elasticity":2}`:                                          {2000, 1000},
		`{"name":"a","price":2000,"cost_share":0.7,"elasticity":2}`:                        {2000, 1400},
		`{"name":"a","price":2000,"cost":1500,"elasticity":0.5}`:                           {2000, 1500},
		`{"name":"a","price":5,"elasticity":2,"tick":0.5,"items":1}`:                       {10, 5},
		`{"name":"a","price":2000,"cost":0,"elasticity":2,"elasticity_shift":0}`:           {2000, 1},
		`{"name":"a","price":2000,"elasticity":2,"start_price":2300}`:                      {2000, 1000, 2300},
		`{"name":"a","price":23,"cost":10,"demand":{"elasticity":2,"reference_price":20}}`: {2000, 1000, 2300},
	} {
		list, err := Read(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		it := newWorld(&list[0], 1).items[0]
		if want[2] == 0 {
			want[2] = want[0]
		}
		if it.reference != want[0] || it.cost != want[1] || it.start != want[2] {
			t.Errorf("%s: reference %d, start %d, cost %d, want %v", text, it.reference, it.start, it.cost, want)
		}
	}
}

func TestWhatIsWrongWithAFileIsNamed(t *testing.T) {
	// Each text is what stands in a scenario beside its name, or a whole file when it begins with a bracket; want is in the error.
	for text, want := range map[string]string{
		`"price":2000,"elasticity":2,"colour":1`:                     "scenarios[0].colour: unknown field",
		`"price":2000,"demand":{"curve":"isoelastic","elastcity":2}`: "scenarios[0].demand.elastcity: unknown field",
		`"price":2000,"demand":{"curve":"cubic","elasticity":2}`:     `scenarios[0].curve: "cubic" is not one of`,
		`"price":2000,"elasticity":"two"`:                            "scenarios[0].elasticity: want a number",
		`"price":2000,"elasticity":1e999`:                            "elasticity: number 1e999 is too large",
		`"price":2000,"elasticity":[3,1]`:                            "elasticity: from 3 to 1",
		`"price":2000,"elasticity":[1,2,3]`:                          "elasticity: want 2 numbers",
		`"price":2000,"elasticity":{"mean":2,"sd":-1}`:               "elasticity.sd: -1",
		`"price":2000`:                                                              "elasticity: missing",
		`"elasticity":2`:                                                            "price: missing",
		`"price":2000,"elasticity":0.9`:                                             "cost: missing",
		`"price":0,"elasticity":2`:                                                  "price: 0, want above 0",
		`"price":2000,"elasticity":2,"traffic":0`:                                   "traffic: 0, want above 0",
		`"price":-5,"elasticity":2`:                                                 "price: -500",
		`"price":2000,"elasticity":2,"epsilon":2`:                                   "epsilon: given beside elasticity",
		`"price":2000,"elasticity":2,"cost":1,"cost_share":0.5`:                     "cost_share: given beside cost",
		`"price":2000,"elasticity":2,"days":0`:                                      "days: 0, want 1",
		`"price":2000,"elasticity":2,"days":1.5`:                                    "days: 1.5, want a whole number",
		`"price":2000,"elasticity":2,"items":5000`:                                  "items: 5000",
		`"price":2000,"elasticity":2,"traffic":-3`:                                  "traffic: -3",
		`"price":2000,"elasticity":2,"traffic":null,"conversion":2`:                 "conversion: 2 to 2",
		`"price":2000,"elasticity":2,"season":[1,2]`:                                "season: want 7 numbers",
		`"price":2000,"elasticity":2,"season":{"sat":0}`:                            "season[5]: 0",
		`"price":2000,"elasticity":2,"season":{"someday":2}`:                        "season.someday: unknown field",
		`"price":2000,"elasticity":2,"phases":[{"day":500}]`:                        "phases[0].day: 500",
		`"price":2000,"elasticity":2,"phases":[{"day":5},{"day":5}]`:                "phases[1].day: 5",
		`"price":2000,"elasticity":2,"phases":[{"day":5,"level":0}]`:                "phases[0].level: 0, want above 0",
		`"price":2000,"elasticity":2,"phases":[{"day":5,"levle":2}]`:                "phases[0].levle: unknown field",
		`"price":2000,"elasticity":2,"phases":{"day":5}`:                            "phases: want an array",
		`"price":2000,"elasticity":2,"mispriced":{"direction":"left"}`:              `mispriced.direction: "left"`,
		`"price":2000,"elasticity":2,"mispriced":{"share":3}`:                       "mispriced.share: 3",
		`"price":2000,"elasticity":2,"mispriced":{"from":0.4,"to":0.1}`:             "mispriced.to: 0.1 is below",
		`"price":2000,"elasticity":2,"dispersion":-1`:                               "dispersion: -1",
		`"price":2000,"elasticity":2,"rounding":{"step":10,"ending":12}`:            "rounding",
		`"price":2000,"elasticity":2,"ceiling":-2`:                                  "ceiling: -2",
		`"price":2000,"elasticity":2,"salvage":2`:                                   "salvage: 2",
		`"price":2000,"elasticity":2,"stock":10,"stock_share":1`:                    "stock_share: given beside stock",
		`"price":2000,"elasticity":2,"tick":0`:                                      "tick: 0",
		`"price":2000,"elasticity":2,"about":7`:                                     "about: want a text",
		`"price":2000,"cost":900,"demand":{"curve":"linear","slope":-1}`:            "demand.slope: -1",
		`"price":2000,"cost":900,"demand":{"curve":"isoelastic","slope":1}`:         "intercept: an isoelastic curve",
		`"price":2000,"cost":900,"curve":"linear","slope":1,"elasticity":2`:         "elasticity: given beside a slope",
		`"price":2000,"elasticity":2,"curve":"logit","max_conversion":0.01`:         "max_conversion: 0.01",
		`"price":2000,"elasticity":1.5,"elasticity_shift":-2`:                       "elasticity_shift: -2",
		`"price":2000,"elasticity":2,"mispriced":0.1,"start_price":1900`:            "start_price: given beside mispriced",
		`"price":23,"start_price":5,"demand":{"elasticity":2,"reference_price":20}`: "start_price: given beside",
		`[`:                               "no JSON",
		`[]`:                              "scenarios: 0 of them",
		`[7]`:                             "scenarios[0]: want an object",
		`["x"]`:                           "scenarios[0]: want an object",
		`{"scenarios":7}`:                 "scenarios: want an array",
		`{"scenarios":[],"more":1}`:       "more: unknown field",
		`[{"price":2000,"elasticity":2}]`: "scenarios[0].name: 0 characters",
		`[{"name":"a","price":2000,"elasticity":2},{"name":"a","price":2000,"elasticity":2}]`: `scenarios[1].name: "a" is there twice`,
	} {
		if text[0] == '"' {
			text = `[{"name":"x",` + text + `}]`
		}
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
	if _, err := Read(strings.NewReader("")); err == nil {
		t.Error("an empty file is read")
	}
}

func TestBuiltInScenariosAreValidAndNamedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, sc := range append(Truths(), Extra()...) {
		if err := sc.check(); err != nil || seen[sc.Name] || sc.About == "" {
			t.Errorf("%s: %v", sc.Name, err)
		}
		seen[sc.Name] = true
	}
	for i, want := range []string{"isoelastic", "logit", "regime_shift", "already_optimal", "thin_traffic"} {
		if got := Truths()[i].Name; got != want {
			t.Errorf("truth %d is %s, want %s", i, got, want)
		}
	}
}

// FuzzRead holds that a file is refused or can be played: whatever passes check draws a world with prices, views and sales that are
// numbers.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		`{"name":"a","price":2000,"elasticity":2}`,
		`[{"name":"a","price":[10,20],"cost_share":0.5,"curve":"linear","elasticity":{"mean":2,"sd":1},"phases":[{"day":3,"level":2,"ramp_days":5}]}]`,
		`{"scenarios":[{"name":"b","demand":{"curve":"logit","slope":0.01,"intercept":5},"price":500,"cost":200,"stock":9,"salvage":0.1,"dispersion":0.3}]}`,
		`{"name":"c","price":20,"elasticity":3,"rounding":{"step":1,"ending":0.99},"season":{"sat":2},"mispriced":-0.5}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := Read(strings.NewReader(string(data)))
		if err != nil {
			return
		}
		sc := list[0]
		sc.Items, sc.Days, sc.Phases = min(sc.Items, 3), min(sc.Days, 10), nil
		w := newWorld(&sc, 1)
		for _, name := range []string{Fixed, Greedy, Clairvoyant} {
			out := play(w, newPricer(name, w), 1)
			if out.violations != 0 {
				t.Fatalf("%s: %d guardrails broken", name, out.violations)
			}
			for _, p := range out.paths[0] {
				if p < 1 || p > guard.MaxAmount {
					t.Fatalf("%s: price %d", name, p)
				}
			}
		}
	})
}
