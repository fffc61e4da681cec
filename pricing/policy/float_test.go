package policy

import (
	"math"
	"testing"
)

func TestExpAndLogAgreeWithTheLibrary(t *testing.T) {
	for x := -690.0; x < 690; x += 0.37 {
		if got, want := exp(x), math.Exp(x); math.Abs(got/want-1) > 1e-15*math.Max(1, math.Abs(x)/100) {
			t.Fatalf("exp(%g) = %g, want %g", x, got, want)
		}
	}
	for x := 1e-300; x < 1e300; x *= 1.37 {
		if got, want := log(x), math.Log(x); math.Abs(got-want) > 1e-15*math.Max(1, math.Abs(want)) {
			t.Fatalf("log(%g) = %g, want %g", x, got, want)
		}
	}
	for x := 0.5; x < 2; x += 0.00137 {
		if got, want := log(x), math.Log(x); math.Abs(got-want) > 5e-16 {
			t.Fatalf("log(%g) = %g, want %g", x, got, want)
		}
	}
}

func TestExpAndLogOfAnythingAreFinite(t *testing.T) {
	for _, x := range []float64{0, -1, 1, math.Inf(1), math.Inf(-1), math.NaN(), 1e-320, math.MaxFloat64, -math.MaxFloat64, 700, -700} {
		for _, got := range []float64{exp(x), log(x)} {
			if math.IsNaN(got) || math.IsInf(got, 0) {
				t.Errorf("at %g: exp %g, log %g", x, exp(x), log(x))
			}
		}
	}
	if exp(0) != 1 || log(1) != 0 {
		t.Errorf("exp(0) = %g, log(1) = %g", exp(0), log(1))
	}
}

func TestPowersFollowTheGrid(t *testing.T) {
	var g [points]float64
	for _, u := range []float64{-0.7, -0.01, 0, 0.02, 0.5, 2} {
		powers(&g, u)
		for j := range g {
			if want := math.Exp(-grid[j] * u); math.Abs(g[j]/want-1) > 1e-12 {
				t.Fatalf("u %g, elasticity %g: %g, want %g", u, grid[j], g[j], want)
			}
		}
	}
	if grid[0] != lowest || grid[points-1] != highest {
		t.Errorf("grid from %g to %g", grid[0], grid[points-1])
	}
}
