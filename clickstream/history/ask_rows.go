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

// Rows counts the stored events by site. timeout is a Scope's.
func (q *Questions) Rows(ctx context.Context, timeout time.Duration) (map[string]SiteRows, error) {
	in, err := q.ask("rows", Scope{Site: "*", To: 1, Timeout: timeout})
	if err != nil {
		return nil, err
	}
	answer := map[string]SiteRows{}
	const text = "SELECT toString(site) AS name, countIf(NOT generated), countIf(generated) FROM events GROUP BY name"
	err = in.each(ctx, text, func(rows driver.Rows) error {
		var name string
		var stored, generated uint64
		if err := rows.Scan(&name, &stored, &generated); err != nil {
			return err
		}
		answer[name] = SiteRows{int64(stored), int64(generated)}
		return nil
	})
	return answer, err
}
