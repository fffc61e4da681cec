package clickstream

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
)

func FuzzLexerAgainstEncodingJSON(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,-2.5e+3,"x\u00e9\ud83d\ude00\ud83d",true,false,null,{}]}`, ` "\"\\\/\b\f\n\r\t" `, `01`, `1.`, `1e`, `-`, `[1,]`, `{"a"}`, `tru`, "\"\x1f\"",
		"\"\x7f\u00e9\xff\"", `"` + strings.Repeat("abcdefgh", 5) + `\n"`, "", " ", `"\ud800\u0041"`, `"\uD83D\uDE0"`, `[[[[]]]]`,
	} {
		f.Add(s)
	}
	var x lexer
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Count(s, "[")+strings.Count(s, "{") > maxDepth {
			return
		}
		x.reset(s)
		x.skip()
		x.end()
		if got, want := x.problem == "", json.Valid([]byte(s)); got != want {
			t.Fatalf("%q: got valid %v, want %v (%s)", s, got, want, x.describe())
		}
		if x.reset(s); x.problem != "" || x.kind() != '"' {
			return
		}
		got := x.str()
		x.end()
		var want string
		if err := json.Unmarshal([]byte(s), &want); (err == nil) != (x.problem == "") {
			t.Fatalf("%q: got %q, want error %v", s, x.problem, err)
		} else if err == nil && strings.ToValidUTF8(s, "") == s && got != want {
			t.Fatalf("%q: got %q, want %q", s, got, want)
		}
	})
}

func TestDepthIsBounded(t *testing.T) {
	for _, n := range []int{maxDepth, maxDepth + 1, 1_000_000} {
		var x lexer
		x.reset(strings.Repeat("[", n) + strings.Repeat("]", n))
		x.skip()
		if got, want := x.problem == "", n <= maxDepth; got != want {
			t.Errorf("depth %d: read %v, want %v", n, got, want)
		}
	}
}

func TestMoneyIsExact(t *testing.T) {
	for _, c := range []struct {
		text   string
		places int
		want   int64
		ok     bool
	}{
		{"19.99", 2, 1999, true},
		{"0.285", 2, 29, true}, // 0.285 as a float64 is below it
		{"1.005", 2, 101, true},
		{"30.000000000000004", 2, 3000, true},
		{"29.990000000000002", 2, 2999, true},
		{"4.35", 2, 435, true},
		{"1980", 0, 1980, true},
		{"1980.5", 0, 1981, true},
		{"0.4999999999999999999999", 0, 0, true},
		{"7.7745", 3, 7775, true},
		{"1e3", 2, 100000, true},
		{"1.5E+1", 2, 1500, true},
		{"12345e-2", 2, 12345, true},
		{"5e-3", 2, 1, true},
		{"4e-3", 2, 0, true},
		{"5e-4", 2, 0, true},
		{"1e-999999999", 2, 0, true},
		{"0e999999999", 2, 0, true},
		{"0.00e99", 2, 0, true},
		{"1e999999999", 2, 0, false},
		{"1e99999999999999999999", 2, 0, false},
		{"92233720368547758.07", 2, 0, false},
		{"9223372036854775.80", 2, 922337203685477580, true},
		{"-2.345", 2, -235, true},
		{"-0", 2, 0, true},
		{"007.5", 2, 750, true},
		{"", 2, 0, false},
		{"-", 2, 0, false},
		{".5", 2, 0, false},
		{"5.", 2, 0, false},
		{"1,299.00", 2, 0, false},
		{"$5", 2, 0, false},
		{"5 EUR", 2, 0, false},
		{"1e", 2, 0, false},
		{"1e+", 2, 0, false},
		{"1e+-5", 2, 0, false},
		{"NaN", 2, 0, false},
		{"0x10", 2, 0, false},
	} {
		got, ok := parseDecimal(c.text, c.places)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("parseDecimal(%q, %d) = %d, %v, want %d, %v", c.text, c.places, got, ok, c.want, c.ok)
		}
	}
}

func FuzzDecimalAgainstRationals(f *testing.F) {
	for _, s := range []string{"19.99", "0.285", "-1.5e-3", "1e5", "999999999999999.995"} {
		f.Add(s, uint8(2))
	}
	f.Fuzz(func(t *testing.T, s string, places uint8) {
		places %= 5
		got, ok := parseDecimal(s, int(places))
		if !ok || len(s) > 40 || strings.Count(s, "e")+strings.Count(s, "E") > 0 && len(s) > 12 {
			return
		}
		r, valid := new(big.Rat).SetString(s)
		if !valid {
			t.Fatalf("%q is no number, got %d", s, got)
		}
		r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)))
		if want := r.FloatString(0); want != big.NewInt(got).String() && want != "-0" {
			t.Fatalf("parseDecimal(%q, %d) = %d, want %s", s, places, got, want)
		}
	})
}
