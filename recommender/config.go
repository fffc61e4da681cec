package recommender

import "time"

// MaxTrendingWindow is the longest window that Trending answers for.
const MaxTrendingWindow = 24 * time.Hour

// Config bounds what the models keep, for each site. Zero fields have defaults.
type Config struct {
	SessionBytes int     // sessions kept for neighbours, oldest forgotten first; 256 MiB
	BasketBytes  int     // baskets kept for bought_together, oldest forgotten first; 128 MiB
	HistoryLimit int     // shoppers whose histories are kept by factors, the longest unseen forgotten first; 500,000
	Items        int     // items with counts or similarities, the least of them forgotten first; 1,000,000
	Exploration  float64 // the share of answers whose tail is drawn at random; 0.1; negative: none
}

func (c *Config) complete() {
	c.SessionBytes = orDefault(c.SessionBytes, 256<<20)
	c.BasketBytes = orDefault(c.BasketBytes, 128<<20)
	c.HistoryLimit = orDefault(c.HistoryLimit, 500_000)
	c.Items = orDefault(c.Items, 1_000_000)
	switch {
	case c.Exploration == 0:
		c.Exploration = 0.1
	case c.Exploration < 0:
		c.Exploration = 0
	}
}

func orDefault(v, def int) int {
	if v <= 0 {
		return def
	}
	return v
}
