package history

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// SiteRows is how many rows of events a site has.
type SiteRows struct {
	Stored    int64 // sent by the shop
	Generated int64 // made by the server, as impressions are
}

// Rows counts the stored events by site, from the counts that every part keeps. timeout is a Scope's.
func (q *Questions) Rows(ctx context.Context, timeout time.Duration) (map[string]SiteRows, error) {
	in, err := q.ask("rows", Scope{Site: "*", To: 1, Timeout: timeout})
	if err != nil {
		return nil, err
	}
	answer := map[string]SiteRows{}
	const text = "SELECT site, generated, count() FROM events GROUP BY site, generated"
	err = in.each(ctx, text, func(rows driver.Rows) error {
		var site string
		var generated bool
		var n uint64
		if err := rows.Scan(&site, &generated, &n); err != nil {
			return err
		}
		r := answer[site]
		if generated {
			r.Generated = int64(n)
		} else {
			r.Stored = int64(n)
		}
		answer[site] = r
		return nil
	})
	return answer, err
}
