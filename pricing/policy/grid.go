package policy

// The grid of elasticities: 0.4 to 3 by 0.1, to 6 by 0.2, to 12 by 0.5. Low margins imply high elasticities
// (a tenth of the price: 10), so it goes further than estimates usually do. Its steps are multiples of the
// smallest one, which makes a power at every point a running product.
const (
	fine    = 26 // steps of 0.1
	middle  = 15 // steps of 0.2
	coarse  = 12 // steps of 0.5
	points  = 1 + fine + middle + coarse
	lowest  = 0.4
	highest = 12.0
)

// grid is never changed. cell is the width of the grid around each point: a density's weight there.
var grid, cell = makeGrid()

func makeGrid() (g, c [points]float64) {
	for j := range g {
		tenths := 4 + j
		if j > fine {
			tenths = 30 + 2*(j-fine)
		}
		if j > fine+middle {
			tenths = 60 + 5*(j-fine-middle)
		}
		g[j] = float64(tenths) / 10
	}
	for j := range c {
		lo, hi := g[max(j-1, 0)], g[min(j+1, points-1)]
		c[j] = (hi - lo) / 2
	}
	return g, c
}

// gridLog is never changed.
var gridLog = logs(grid)

func logs(of [points]float64) (out [points]float64) {
	for j, x := range of {
		out[j] = log(x)
	}
	return out
}

// The families of demand curves: elasticity at price p is ε·(p/ref)^k, hence demand exp(-ε·((p/ref)^k-1)/k).
// k=0 is isoelastic, k=1 exponential and, for small conversion rates, logit, k=3 bends like a straight line.
// Which of them is true matters little near the prices seen and much far away, so all are kept.
const families = 3

var curvature = [families]float64{0, 1, 3}

// bend is the curve's abscissa: demand falls as exp(-ε·bend). ratio is price over the reference.
func bend(family int, ratio float64) float64 {
	switch family {
	case 0:
		return log(ratio)
	case 1:
		return ratio - 1
	default:
		return (float64(float64(ratio*ratio)*ratio) - 1) / 3
	}
}

// powers fills g with exp(-ε·u) at every grid point.
func powers(g *[points]float64, u float64) {
	v := exp(-lowest * u)
	r1 := exp(-0.1 * u)
	r2 := float64(r1 * r1)
	r5 := float64(float64(r2*r2) * r1)
	g[0] = v
	for j := 1; j <= fine; j++ {
		v = float64(v * r1)
		g[j] = v
	}
	for j := fine + 1; j <= fine+middle; j++ {
		v = float64(v * r2)
		g[j] = v
	}
	for j := fine + middle + 1; j < points; j++ {
		v = float64(v * r5)
		g[j] = v
	}
}
