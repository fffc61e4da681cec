package simulate

import (
	"math"
	"testing"
)

func TestBestPriceIsTheMarkupOverCost(t *testing.T) {
	for _, tc := range []struct{ elasticity, cost, want float64 }{
		{2, 1000, 2000}, {2.5, 1200, 2000}, {3, 2000, 3000}, {1.5, 700, 2100}, {5, 4000, 5000},
	} {
		c := newCurve(Isoelastic, 2500, 0.03, tc.elasticity, 0)
		if got := c.best(tc.cost, 1, 100_000); math.Abs(float64(got)-tc.want) > 1 {
			t.Errorf("elasticity %g, cost %g: got %d, want %g", tc.elasticity, tc.cost, got, tc.want)
		}
	}
}

func TestBestPriceIsWhatTryingAllFinds(t *testing.T) {
	for _, kind := range Curves() {
		for _, elasticity := range []float64{0.8, 1.3, 2.2, 4} {
			for _, bound := range [][2]int64{{600, 2000}, {600, 900}, {1300, 1900}, {1000, 1000}} {
				c := newCurve(kind, 1000, 0.03, elasticity, 0.1)
				got := c.best(550, bound[0], bound[1])
				most := math.Inf(-1)
				for p := bound[0]; p <= bound[1]; p++ {
					most = max(most, (float64(p)-550)*c.conversion(float64(p)))
				}
				if f := (float64(got) - 550) * c.conversion(float64(got)); got < bound[0] || got > bound[1] || f < most*(1-1e-9) {
					t.Errorf("%s %g in %v: %d earns %g, the best %g", kind, elasticity, bound, got, f, most)
				}
			}
		}
	}
}

func TestCurvesHaveTheirConversionAndElasticityAtTheReference(t *testing.T) {
	for _, kind := range Curves() {
		c := newCurve(kind, 2000, 0.04, 2.2, 0.12)
		if got := c.conversion(2000); math.Abs(got-0.04) > 1e-12 {
			t.Errorf("%s: conversion %g, want 0.04", kind, got)
		}
		const h = 1e-3
		slope := (math.Log(c.conversion(2000+h)) - math.Log(c.conversion(2000-h))) / (2 * h) * 2000
		if math.Abs(slope+2.2) > 1e-3 {
			t.Errorf("%s: elasticity %g, want 2.2", kind, -slope)
		}
		half := c.times(0.5)
		for _, p := range []float64{1500, 2000, 2500} {
			if got, want := half.conversion(p), c.conversion(p)/2; math.Abs(got-want) > 1e-12 {
				t.Errorf("%s at %g: half is %g, want %g", kind, p, got, want)
			}
		}
	}
}

func TestPriceForAConversionIsTheLowestThatReachesIt(t *testing.T) {
	c := newCurve(Isoelastic, 1000, 0.04, 2, 0)
	got := c.at(0.02, 500, 5000)
	if c.conversion(float64(got)) > 0.02 || c.conversion(float64(got-1)) <= 0.02 {
		t.Errorf("%d sells %g, one less %g", got, c.conversion(float64(got)), c.conversion(float64(got-1)))
	}
	if got := c.at(1e-9, 500, 800); got != 800 {
		t.Errorf("out of reach: got %d, want the ceiling", got)
	}
}
