package simulate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// freeCost is the cost of what costs nothing: below one tick, which is what an item costs at least.
const freeCost = 1e-3

// Bounds of a file.
const (
	maxFileBytes = 1 << 20
	maxScenarios = 200
)

// Read reads scenarios: a JSON array of them, {"scenarios":[…]}, or a single one. docs/PRICE-SIMULATION.md lists the fields. An error
// names the field it is about.
func Read(r io.Reader) ([]Scenario, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFileBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read scenarios: %w", err)
	case len(data) > maxFileBytes:
		return nil, fmt.Errorf("scenarios: more than %d bytes", maxFileBytes)
	case !json.Valid(data):
		var any json.RawMessage
		return nil, fmt.Errorf("scenarios: no JSON: %w", json.Unmarshal(data, &any))
	}
	data = bytes.TrimSpace(data)
	var list []json.RawMessage
	switch data[0] {
	case '[':
		_ = json.Unmarshal(data, &list) // it is valid and an array
	case '{':
		o := newObject("", data, &err)
		if raw, name := o.take("scenarios"); name == "" {
			list = []json.RawMessage{data}
		} else {
			if json.Unmarshal(raw, &list) != nil {
				o.fail(name, "want an array")
			}
			o.end()
		}
	default:
		err = wrong("scenarios", "want an array or an object")
	}
	if err == nil && (len(list) == 0 || len(list) > maxScenarios) {
		err = wrong("scenarios", "%d of them, want 1 to %d", len(list), maxScenarios)
	}
	if err != nil {
		return nil, err
	}
	out := make([]Scenario, 0, len(list))
	for i, raw := range list {
		sc, err := readScenario(fmt.Sprintf("scenarios[%d].", i), raw)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(o Scenario) bool { return o.Name == sc.Name }) {
			return nil, wrong(fmt.Sprintf("scenarios[%d].name", i), "%q is there twice", sc.Name)
		}
		out = append(out, sc)
	}
	return out, nil
}

func readScenario(path string, raw json.RawMessage) (Scenario, error) {
	var err error
	o := newObject(path, raw, &err)
	sc := Scenario{
		Name: o.text("name"), About: o.text("about", "description"),
		Items: o.whole(40, "items"), Days: o.whole(120, "days"),
		Traffic: o.span("traffic", "views", "views_per_day"),
		Price:   o.span("price"), Start: o.span("start_price"), CostShare: o.span("cost_share"),
		Dispersion: o.above("dispersion", "noise"),
		Stock:      o.span("stock"), StockOf: o.span("stock_share"),
	}
	if raw, name := o.take("cost"); raw != nil {
		sc.Cost = o.parseSpan(name, raw)
		if !sc.Cost.set() {
			sc.Cost = Exactly(freeCost)
		}
	}
	if !sc.Traffic.set() {
		sc.Traffic = Exactly(200)
	}
	if raw, name := o.take("salvage"); name != "" {
		sc.Perishes, sc.Salvage = true, o.parse(name, raw)
	}
	per := o.perUnit(&sc)
	sc.Price, sc.Start, sc.Cost = sc.Price.times(per), sc.Start.times(per), sc.Cost.times(per)
	sc.Season, sc.Visits = o.week("season", "weekdays"), o.week("traffic_season")
	sc.Mispriced = o.mispriced()
	var reference Range
	sc.Demand, reference = o.demand(per)
	if reference.set() { // then "price" is what the shop asks at first
		if sc.Start.set() {
			o.fail("start_price", "given beside demand.reference_price and price")
		}
		sc.Start, sc.Price = sc.Price, reference
	}
	sc.Phases = o.phases()
	sc.Rails = o.rails(per)
	o.end()
	if err != nil {
		return Scenario{}, err
	}
	if err := sc.check(); err != nil {
		return Scenario{}, fmt.Errorf("%s%w", path, err)
	}
	return sc, nil
}

// perUnit is how many ticks a unit of the file's amounts has. Without a tick of its own, prices below 1000 are taken to need finer steps
// than whole units: an amount may be given in cents or in the currency itself.
func (o object) perUnit(sc *Scenario) float64 {
	if tick := o.above("tick"); tick > 0 {
		return 1 / tick
	}
	of := sc.Price
	if !of.set() {
		of = sc.Cost
	}
	if of.middle() < 1000 {
		return 100
	}
	return 1
}
