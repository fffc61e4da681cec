package segment

// Ids of the segments that every site has.
const (
	New            = "new"
	Returning      = "returning"
	Lapsing        = "lapsing"
	HighValue      = "high_value"
	BargainHunters = "bargain_hunters"
)

// Builtin are the definitions that hold where a site has none of its own with their ids. Their titles are English; who shows them may
// have them in other languages.
func Builtin() []Definition {
	return []Definition{
		{ID: BargainHunters, Title: "Bargain hunters", Conditions: []Condition{
			{Feature: ItemsViewed, Op: AtLeast, Value: 5}, {Feature: ReducedShare, Op: AtLeast, Value: 50},
		}},
		{ID: HighValue, Title: "High value", Conditions: []Condition{{Feature: SpentRank, Op: AtLeast, Value: 90}}},
		{ID: Lapsing, Title: "Lapsing", Conditions: []Condition{
			{Feature: Orders, Op: AtLeast, Value: 1}, {Feature: DaysAway, Op: AtLeast, Value: 14},
		}},
		{ID: New, Title: "New", Conditions: []Condition{
			{Feature: Visits, Op: AtMost, Value: 1}, {Feature: Orders, Op: AtMost, Value: 0},
		}},
		{ID: Returning, Title: "Returning", Conditions: []Condition{{Feature: Visits, Op: AtLeast, Value: 2}}},
	}
}
