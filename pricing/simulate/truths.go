package simulate

// Truths are the five scenarios of every run. Half of the items that may be mispriced are, by 15 to 40 % either way; costs follow from
// the elasticity, so that the reference price is the best one, and are 41 to 70 % of it. Items differ in elasticity, and so do worlds:
// what a category is like, 1.7 to 3.3, is not known to anybody beforehand.
func Truths() []Scenario {
	isoelastic := Scenario{
		Name: "isoelastic", About: "The curve that the policy assumes; half of the prices are 15 to 40 % off.",
		Items: 40, Days: 120, Traffic: Between(100, 400),
		Demand: Demand{Curve: Isoelastic, Elasticity: Around(2.4, 0.25, 2, 2.8), Shift: Between(-0.3, 0.5), Conversion: Between(0.02, 0.05)},
		Price:  Between(1500, 9000), Mispriced: Mispriced{Share: 0.5, From: 0.15, To: 0.40},
		Rails: defaultRails(),
	}
	logit := isoelastic
	logit.Name, logit.About = "logit", "Demand is logit, which the policy does not know; half of the prices are 15 to 40 % off."
	logit.Demand.Curve, logit.Demand.Most = Logit, 0.12

	shift := isoelastic
	shift.Name, shift.About = "regime_shift", "Half of the prices are off, and in mid-run demand falls by 30 % and its elasticity rises by 30 %."
	shift.Days = 180
	shift.Phases = []Phase{{Day: 90, Level: 0.7, ElasticityFactor: 1.3}}

	right := isoelastic
	right.Name, right.About = "already_optimal", "Every price is right already: all that can be done is to leave it alone."
	right.Mispriced = Mispriced{}

	thin := isoelastic
	thin.Name, thin.About = "thin_traffic", "3 to 10 views a day and item: about a sale every four days; half of the prices are off."
	thin.Days, thin.Traffic = 180, Between(3, 10)
	return []Scenario{isoelastic, logit, shift, right, thin}
}

// Extra are scenarios that are hard for the policy, each in its own way.
func Extra() []Scenario {
	base := Truths()[0]
	with := func(name, about string, change func(*Scenario)) Scenario {
		sc := base
		sc.Name, sc.About = name, about
		change(&sc)
		return sc
	}
	return []Scenario{
		with("linear", "Linear demand, half of the prices off.", func(sc *Scenario) { sc.Demand.Curve = Linear }),
		with("exponential", "Exponential demand, half of the prices off.", func(sc *Scenario) { sc.Demand.Curve = Exponential }),
		with("weekly_season", "Conversion and traffic swing by 60 % over the week; the policy sees the season only as it is learned.", func(sc *Scenario) {
			sc.Season = [7]float64{0.8, 0.78, 0.84, 0.9, 1.12, 1.34, 1.22}
			sc.Visits = [7]float64{0.85, 0.8, 0.85, 0.9, 1.1, 1.3, 1.2}
		}),
		with("overdispersed", "Good and bad days: sales are negative binomial with k = 3.", func(sc *Scenario) { sc.Dispersion = 3 }),
		with("optimal_thin", "Every price is right, and 3 to 10 views a day: nothing to gain and little to learn from.", func(sc *Scenario) {
			sc.Mispriced, sc.Traffic, sc.Days = Mispriced{}, Between(3, 10), 180
		}),
		with("optimal_noisy", "Every price is right, and sales are negative binomial with k = 2: chances to be misled.", func(sc *Scenario) {
			sc.Mispriced, sc.Dispersion = Mispriced{}, 2
		}),
		with("gradual_drift", "Prices are right at first; over 120 days demand grows by 20 % and its elasticity falls by a quarter.", func(sc *Scenario) {
			sc.Mispriced, sc.Days = Mispriced{}, 180
			sc.Phases = []Phase{{Day: 30, Ramp: 120, Level: 1.2, ElasticityFactor: 0.75}}
		}),
		with("cost_change", "Prices are right at first; costs rise by 15 % on day 60 and fall to 90 % on day 120.", func(sc *Scenario) {
			sc.Mispriced, sc.Days = Mispriced{}, 180
			sc.Phases = []Phase{{Day: 60, CostFactor: 1.15}, {Day: 120, CostFactor: 0.9}}
		}),
		with("scarce_stock", "Stock for half to nine tenths of what the right price would sell in 90 days; no delivery.", func(sc *Scenario) {
			sc.Days, sc.StockOf = 90, Between(0.5, 0.9)
			sc.Mispriced = Mispriced{}
		}),
		with("clearance", "Stock for 1.5 to 2.5 times the demand, and what is left after 60 days is worth a fifth of its cost.", func(sc *Scenario) {
			sc.Days, sc.StockOf, sc.Perishes, sc.Salvage = 60, Between(1.5, 2.5), true, 0.2
			sc.Mispriced = Mispriced{}
		}),
		with("competitor_shock", "From day 60 to 120 a competitor takes 30 % of demand and makes it 35 % more elastic.", func(sc *Scenario) {
			sc.Mispriced, sc.Days = Mispriced{}, 180
			sc.Phases = []Phase{{Day: 60, Level: 0.7, ElasticityFactor: 1.35}, {Day: 120, Level: 1, ElasticityFactor: 1}}
		}),
		with("inelastic", "Elasticity below 1: no price is too high but for the ceiling, 30 % above.", func(sc *Scenario) {
			sc.Demand.Elasticity, sc.Demand.Shift, sc.CostShare = Between(0.7, 0.95), Range{}, Between(0.5, 0.65)
			sc.Mispriced, sc.Rails.CeilingOf = Mispriced{}, 1.3
		}),
		with("cost_plus", "Every price is twice its cost, whatever the item's elasticity, which is 2.6 to 3.6: all prices look right, and all are too dear.", func(sc *Scenario) {
			sc.Demand.Elasticity, sc.Demand.Shift, sc.CostShare = Between(2.6, 3.6), Range{}, Exactly(0.5)
			sc.Mispriced = Mispriced{}
		}),
		with("one_item", "One item alone, 40 % too dear, 400 views a day: no category to learn from.", func(sc *Scenario) {
			sc.Items, sc.Days, sc.Traffic = 1, 180, Exactly(400)
			sc.Mispriced = Mispriced{Share: 1, From: 0.4, To: 0.4, Direction: 1}
		}),
		with("twin_shifts", "Half of the prices are off; demand doubles for a while without a change in elasticity, then both fall.", func(sc *Scenario) {
			sc.Days = 180
			sc.Phases = []Phase{{Day: 50, Level: 2}, {Day: 110, Level: 0.8, ElasticityFactor: 0.75}}
		}),
	}
}
