package forecast

// Forecast is the units of the coming days. Values are not changed after they were made.
type Forecast struct {
	Method string    // seasonal_naive, holt_winters, rate
	Mean   []float64 // expected units of each coming day; the day after the history is the first
	MASE   float64   // mean absolute scaled error on the item's own past; 1 is as good as repeating the last week; 0: not known
}

// Days forecasts horizon days from whole days of units, oldest first.
func Days(history []float64, horizon int) Forecast { return Forecast{} }

// FromRate forecasts a rate of units a day that is Gamma distributed with shape alpha and rate beta (in days).
func FromRate(alpha, beta float64, horizon int) Forecast { return Forecast{} }

// Quantile is the number of units that day i (from 0) stays at or below with probability p.
func (f *Forecast) Quantile(i int, p float64) float64 { return 0 }

// Total is the number of units that the first n days together stay at or below with probability p.
func (f *Forecast) Total(n int, p float64) float64 { return 0 }

// Runout is in how many days from now a stock has run out: with probability 0.1 by P10, an even chance by P50, 0.9 by P90. Beyond
// the horizon they are +Inf.
type Runout struct{ P10, P50, P90 float64 }

// Runout says when stock will have run out.
func (f *Forecast) Runout(stock int64) Runout { return Runout{} }
