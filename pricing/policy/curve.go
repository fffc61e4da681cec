package policy

// Point is the demand curve at one price: units a slot, with an 80 % band.
type Point struct {
	Price int64   `json:"price"`
	Rate  float64 `json:"rate"`
	Lo    float64 `json:"lo"`
	Hi    float64 `json:"hi"`
}

// Curve gives the demand curve that the input's State and Pool tell of, at n prices from lowest to highest.
func Curve(in Input, from, to int64, n int) []Point {
	if n <= 0 || from <= 0 || to < from || in.State == nil || in.Ref <= 0 || !in.State.sound() || !in.Pool.sound() {
		return nil
	}
	p := in.Params.filled()
	views := in.Views
	if views <= 0 {
		views = in.State.Views
	}
	q := everything()
	q.likelihood(in.State, float64(in.Ref))
	q.prior(in.Pool, p, float64(in.costOfRef()))
	out := make([]Point, n)
	for i := range out {
		price := from
		if n > 1 {
			price += int64(float64(to-from) * (float64(i) / float64(n-1)))
		}
		r := q.rates(float64(price))
		out[i] = Point{Price: price, Rate: float64(r.Mean * views), Lo: float64(r.Lo * views), Hi: float64(r.Hi * views)}
	}
	return out
}
