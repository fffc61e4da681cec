package pricing

import (
	"reflect"
	"testing"

	json "github.com/go-json-experiment/json"

	"beckon/pricing/guard"
	"beckon/pricing/policy"
)

func decisionInput() Input {
	state := &policy.State{}
	for i := range 40 {
		price := []int64{1000, 1050, 950, 1100}[i/10]
		policy.Observe(state, policy.Observation{Slot: t0 + int64(i)*day, Price: price, Views: 100, Units: float64(14 - i/10*2), Season: 1, Clean: true}, policy.Params{})
	}
	return Input{
		At: t0 + 40*day, Site: site, Item: "kettle", Version: 5, Revision: 9, Seed: Seed(site, "kettle"), Ref: 1000, Current: 1000, LastChange: t0,
		Limits: guard.Limits{Cost: 600, Margin: 0.05, Ceiling: 2000, MaxStep: 0.1, Dwell: day, Deadband: 0.02, Rounding: guard.Rounding{Step: 10, Ending: 9}},
		State:  state, Pool: policy.Pool{Mean: 2, SD: 0.5, Right: 0.5, Items: 30}, Stock: 100, SellBy: t0 + 90*day, Salvage: 100,
		Competitors: []policy.Competitor{{Price: 990, At: t0 + 40*day}, {Price: 1010, At: t0 + 40*day}},
		Explore:     true, Params: policy.Params{Slot: day},
	}
}

// Every field counts: what the hash leaves out could change without a decision becoming stale.
func TestTheHashCoversEveryFieldOfTheInput(t *testing.T) {
	in := decisionInput()
	want := in.Hash()
	if again := decisionInput(); again.Hash() != want {
		t.Fatal("the same input has two hashes")
	}
	fields := 0
	var walk func(v reflect.Value, path string)
	walk = func(v reflect.Value, path string) {
		switch v.Kind() {
		case reflect.Pointer:
			walk(v.Elem(), path)
			return
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i), path+"."+v.Type().Field(i).Name)
			}
			return
		case reflect.Slice:
			if v.Len() == 0 {
				t.Fatalf("%s is empty: give the input one", path)
			}
			for i := range min(2, v.Len()) {
				walk(v.Index(i), path)
			}
			old := reflect.ValueOf(v.Interface())
			v.Set(old.Slice(0, v.Len()-1))
			if in.Hash() == want {
				t.Errorf("%s: an element less gives the same hash", path)
			}
			v.Set(old)
			return
		}
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		switch v.Kind() {
		case reflect.Bool:
			v.SetBool(!v.Bool())
		case reflect.Int, reflect.Int64:
			v.SetInt(v.Int() + 1)
		case reflect.Uint64:
			v.SetUint(v.Uint() + 1)
		case reflect.Float64:
			v.SetFloat(v.Float() + 0.001)
		case reflect.String:
			v.SetString(v.String() + "x")
		default:
			t.Fatalf("%s: the hash does not know a %s", path, v.Kind())
		}
		fields++
		if in.Hash() == want {
			t.Errorf("%s: another value gives the same hash", path)
		}
		v.Set(old)
	}
	walk(reflect.ValueOf(&in), "Input")
	if fields < 50 {
		t.Fatalf("only %d fields were walked", fields)
	}
	if in.Hash() != want {
		t.Fatal("the walk changed the input")
	}
}

func TestDecideKeepsTheGuardrails(t *testing.T) {
	in := decisionInput()
	d := Decide(in)
	if rule := guard.Violation(in.guard(d.Price), d.Price); rule != "" || d.Publish != (d.Price != d.Current) {
		t.Fatalf("%+v breaks %s", d, rule)
	}
	in.Limits.Frozen = true
	if d = Decide(in); d.Publish || d.Price != in.Current {
		t.Fatalf("frozen, and %d was chosen", d.Price)
	}
	in = decisionInput()
	in.LastChange = in.At - day/2
	if d = Decide(in); d.Publish {
		t.Fatalf("within dwell, and %d was chosen for %s", d.Price, d.Reason)
	}
	in = decisionInput()
	in.Limits.Floor = 1500 // above the price in force
	if d = Decide(in); d.Price < 1500 || !d.Publish || d.Alert == "" {
		t.Fatalf("below its floor: %+v", d)
	}
	in.Limits.Ceiling = 1400
	if d = Decide(in); d.Publish || d.Alert != guard.AlertInfeasible {
		t.Fatalf("no price is allowed: %+v", d)
	}
}

func TestADecisionReadsBackToTheSameBits(t *testing.T) {
	d := Decide(decisionInput())
	text, err := json.Marshal(&d)
	if err != nil {
		t.Fatal(err)
	}
	var back Decision
	if err := json.Unmarshal(text, &back); err != nil || !sameDecision(&d, &back) {
		t.Fatalf("%v\n%+v\n%+v", err, d, back)
	}
	t.Logf("%d bytes: %s", len(text), text)
}

func BenchmarkDecide(b *testing.B) {
	in := decisionInput()
	b.ReportAllocs()
	for b.Loop() {
		Decide(in)
	}
}

func BenchmarkHash(b *testing.B) {
	in := decisionInput()
	b.ReportAllocs()
	for b.Loop() {
		in.Hash()
	}
}

// A log knows decisions by this hash. When it changes on purpose, Algorithm rises: decisions of the one before are then taken by their
// revision, and their prices stay.
func TestTheEncodingOfAnInputStaysTheSame(t *testing.T) {
	in := decisionInput()
	in.State = &policy.State{
		Bins: []policy.Bin{{Price: 1000, Exposure: 120.5, Units: 9}, {Price: 1100, Exposure: 80, Units: 4, Before: true}},
		Last: t0, Slots: 12, Views: 100, Up: 0.5, Down: 0.25, Spread: 1.5, Changes: 1, Changed: t0 - day,
	}
	const golden = "f3e18dcf8bb521ca4b202cda487fde2c"
	if got := in.Hash().String(); got != golden || Algorithm != 1 {
		t.Fatalf("hash %s of algorithm %d, want %s of 1", got, Algorithm, golden)
	}
}
