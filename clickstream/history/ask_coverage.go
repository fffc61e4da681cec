package history

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// CoverageAsk asks how many different items recommendations showed, and how evenly.
type CoverageAsk struct {
	Scope // whole UTC days without Device, Source and Machines are answered from a rollup, everything else from events
}

// CoverageAnswer is of the items that were shown at least once.
type CoverageAnswer struct {
	Items       int64
	Impressions int64
	Half        int64 // the fewest items that have half of the impressions together
}

// Coverage answers a CoverageAsk.
func (q *Questions) Coverage(ctx context.Context, ask CoverageAsk) (CoverageAnswer, error) {
	in, err := q.ask("coverage", ask.Scope)
	if err != nil {
		return CoverageAnswer{}, err
	}
	if ask.Fast {
		return CoverageAnswer{}, in.refuse("Fast", "has no meaning where all items are counted")
	}
	text := "SELECT items, total, arrayFirstIndex(sum -> 2 * sum >= total, arrayCumSum(arrayReverseSort(counts))) FROM (" +
		"SELECT count() AS items, sum(n) AS total, groupArray(n) AS counts FROM (" +
		"SELECT sum(impressions) AS n FROM (" + in.items("range", in.scope.From, in.scope.To) + ") GROUP BY item HAVING n > 0))"
	var answer CoverageAnswer
	err = in.each(ctx, text, func(rows driver.Rows) error {
		var items, impressions uint64
		var half uint32
		if err := rows.Scan(&items, &impressions, &half); err != nil {
			return err
		}
		answer = CoverageAnswer{int64(items), int64(impressions), int64(half)}
		return nil
	})
	if answer.Items == 0 {
		answer.Half = 0
	}
	return answer, err
}
