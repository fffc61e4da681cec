package demand

// Surge is an item with how many looked at it just now and how many were to be expected.
type Surge struct {
	Item     string
	Views    int64
	Expected float64 // views
	Ratio    float64 // (views+20)/(expected+20)
	Z        float64 // standard deviations above what was expected
}

// Surges is what everyone is flocking to.
func (f *Fold) Surges(site string, now int64, limit int, eligible func(item string) bool) []Surge {
	return nil
}

// Expected is how many views an item was to have in [from, to).
func (f *Fold) Expected(site, item string, from, to int64) float64 { return 0 }

// Season is how readily lookers buy in [from, to), against the average of the week: 1 is average.
func (f *Fold) Season(site, item string, from, to int64) float64 { return 1 }

// Rate is what is known of how many units a day an item sells: the rate is Gamma distributed with shape Alpha and rate Beta (in days).
type Rate struct{ Alpha, Beta float64 }

// Rate is an item's rate of sale now.
func (f *Fold) Rate(site, item string, now int64) Rate { return Rate{} }

type profiles struct{}
