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
var gridLog = logarithms(grid)

func logarithms(of [points]float64) (out [points]float64) {
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

// powers fills g with exp(-ε·u) at every grid point. Each stretch of the grid runs in four interleaved products,
// which a processor works on at the same time.
func powers(g *[points]float64, u float64) {
	r1 := exp(-0.1 * u)
	r2 := float64(r1 * r1)
	r4 := float64(r2 * r2)
	r5, r8 := float64(r4*r1), float64(r4*r4)
	r10 := float64(r5 * r5)
	r20 := float64(r10 * r10)
	g[0] = r4 // the lowest elasticity is four steps
	g[1], g[2] = r5, float64(r4*r2)
	g[3] = float64(r5 * r2)
	for j := 4; j <= fine; j++ {
		g[j] = float64(g[j-4] * r4)
	}
	at := fine
	g[at+1], g[at+2] = float64(g[at]*r2), float64(g[at]*r4)
	g[at+3], g[at+4] = float64(g[at+1]*r4), float64(g[at]*r8)
	for j := at + 5; j <= fine+middle; j++ {
		g[j] = float64(g[j-4] * r8)
	}
	at = fine + middle
	g[at+1], g[at+2] = float64(g[at]*r5), float64(g[at]*r10)
	g[at+3], g[at+4] = float64(g[at+1]*r10), float64(g[at]*r20)
	for j := at + 5; j < points; j++ {
		g[j] = float64(g[j-4] * r20)
	}
}
