package demand

// Config bounds what the fold keeps, for each site. Zero fields have defaults.
type Config struct {
	Items    int // items with counts, the least wanted of them forgotten first; 1,000,000
	Orders   int // transactions that a refund can take back, the oldest forgotten first; 65,536
	Exposed  int // visitors exposed to an offer that has not ended, the first exposed forgotten first; 65,536
	KeepDays int // whole UTC days with counts by the hour before they become counts by the day; 10, at least 8
}

func (c *Config) complete() {
	c.Items = orDefault(c.Items, 1_000_000)
	c.Orders = orDefault(c.Orders, 1<<16)
	c.Exposed = orDefault(c.Exposed, 1<<16)
	c.KeepDays = max(orDefault(c.KeepDays, 10), 8)
}

func orDefault(v, def int) int {
	if v <= 0 {
		return def
	}
	return v
}
