package clickstream

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// SiteAudit is what the log itself says of a site, beside the ledger that is kept of it.
type SiteAudit struct {
	Site   string
	Log    Ledger // counted anew from the log's records
	Ledger Ledger // as the collector recovered it

	// Erasing is the number of erasures that have begun and not ended: until they do, the log may lack events that Ledger.Erased does not have.
	Erasing int
}

// Balances says whether the site's ledger does, and whether it says what the log says: the events that are in the log, and those that were
// erased from it, are what was stored.
func (a SiteAudit) Balances() bool {
	balanced := a.Ledger.Received == a.Ledger.Stored+a.Ledger.Duplicates+a.Ledger.Rejected
	l, k := a.Log, a.Ledger
	if a.Erasing > 0 && l.Stored < k.Stored {
		l.Stored = k.Stored
	}
	return balanced && l.Stored == k.Stored && l.Erased == k.Erased && l.Received == k.Received && l.Duplicates == k.Duplicates && l.Rejected == k.Rejected
}

// Audit reads the whole log and counts again what the ledger says. whole is false when retention has trimmed the log: then the
// log's counts are lower, and only the ledger's own balance can be checked. cfg is as for OpenCollector; nothing is written.
func Audit(ctx context.Context, cfg CollectorConfig) (sites []SiteAudit, whole bool, err error) {
	if cfg, err = cfg.withDefaults(); err != nil {
		return nil, false, err
	}
	counted := &tail{cfg: &cfg, known: math.MaxUint64, sites: accounts{}}
	whole = true
	cut := cfg.Log.Cut(nil)
	for p, end := range cut.Ends {
		first := cfg.Log.First(p)
		whole = whole && first == 0
		if err := counted.read(ctx, p, first, end); err != nil {
			return nil, false, fmt.Errorf("audit: %w", err)
		}
		counted.ids = counted.ids[:0]
	}
	counted.gaps.count(counted.sites)
	erasing := counted.gaps.unfinished()
	c, err := OpenCollector(ctx, cfg)
	if err != nil {
		return nil, false, err
	}
	for _, a := range counted.sites.clone() {
		sites = append(sites, SiteAudit{Site: a.site, Log: a.Ledger, Ledger: c.Ledger(a.site), Erasing: erasing[a.site]})
	}
	slices.SortFunc(sites, func(a, b SiteAudit) int { return cmp.Compare(a.Site, b.Site) })
	return sites, whole, c.Close()
}
