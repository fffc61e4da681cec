package history

import (
	"cmp"
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// SearchesAsk asks what was searched for, and what was not found.
//
// Terms are compared in lower case and without spaces at their ends. A search found nothing when its props say so, as {"results": 0}; if
// they give no number of results, when its visitor did not look at an item (view_item, select_item or add_to_cart) within Within after it,
// or searched for another term before that. Within is at most the gap that ends a session.
type SearchesAsk struct {
	Scope
	Within  time.Duration // 10 min, at most 30
	Nothing bool          // order by searches that found nothing, and leave out terms without any
}

// SearchesAnswer is ordered by searches, or by those that found nothing, the most first, then by term.
type SearchesAnswer struct {
	OneIn int64
	Terms []SearchTerm
}

// SearchTerm is what came of a term.
type SearchTerm struct {
	Term     string
	Searches int64
	Visitors int64
	Nothing  int64   // searches that found nothing
	Rate     float64 // of them
}

const maxSearchWithin = 30 * time.Minute

// Searches answers a SearchesAsk.
func (q *Questions) Searches(ctx context.Context, ask SearchesAsk) (SearchesAnswer, error) {
	in, err := q.ask("searches", ask.Scope)
	if err != nil {
		return SearchesAnswer{}, err
	}
	ask.Within = cmp.Or(ask.Within, 10*time.Minute)
	if ask.Within < time.Millisecond || ask.Within > maxSearchWithin {
		return SearchesAnswer{}, in.refuse("Within", "must be in 1ms-"+maxSearchWithin.String())
	}
	if err := in.thin(ctx, 0, "search", "view_item", "select_item", "add_to_cart"); err != nil {
		return SearchesAnswer{}, err
	}
	answer := SearchesAnswer{OneIn: in.oneIn}
	err = in.each(ctx, in.searchesText(&ask), func(rows driver.Rows) error {
		var s SearchTerm
		var n, visitors, nothing uint64
		if err := rows.Scan(&s.Term, &n, &visitors, &nothing); err != nil {
			return err
		}
		s.Searches, s.Visitors, s.Nothing = int64(n)*in.oneIn, int64(visitors)*in.oneIn, int64(nothing)*in.oneIn
		s.Rate = ratio(s.Nothing, s.Searches)
		answer.Terms = append(answer.Terms, s)
		return nil
	})
	return answer, err
}

// searchesText follows each search to the next act of its visitor that decides: a look at an item or a search for something else. An act
// is (ms, seq, is a search, term, results as its props say: 0, 1 for more, -1 for unknown).
func (in *inquiry) searchesText(ask *SearchesAsk) string {
	in.params["within"] = ask.Within.Milliseconds()
	searched := append(in.rows(), "name = 'search'", "search_term != ''")
	acts := append(in.span("acts", in.scope.From, in.scope.To+ask.Within.Milliseconds()+1),
		"(name IN ('view_item', 'select_item', 'add_to_cart') OR name = 'search' AND search_term != '')",
		"name IN ('search', 'view_item', 'select_item', 'add_to_cart')",
		"visitor_hash GLOBAL IN (SELECT visitor_hash FROM "+in.events()+" WHERE "+searched.String()+")")
	results := "if(is_search AND JSONType(props, 'results') IN ('Int64', 'UInt64', 'Double'), toInt8(JSONExtractFloat(props, 'results') > 0), toInt8(-1))"
	if in.events() == "sampled" {
		results = "results"
	}
	having, order := "", "searches"
	if ask.Nothing {
		having, order = " HAVING nothing > 0", "nothing"
	}
	return `
SELECT search.4 AS term, count() AS searches, uniqExact(visitor_hash) AS visitors, countIf(found_nothing) AS nothing FROM (
  SELECT visitor_hash, search,
    arrayFirst(a -> (a.1, a.2) > (search.1, search.2) AND (NOT a.3 OR a.4 != search.4), acts) AS next,
    if(search.5 >= 0, search.5 = 0, NOT (next.1 > 0 AND NOT next.3 AND next.1 <= search.1 + {within:Int64})) AS found_nothing
  FROM (
    SELECT visitor_hash, arraySort(groupArray((` + millis + ` AS ms, seq, name = 'search' AS is_search,
      if(is_search, lowerUTF8(trimBoth(search_term)), ''),
      ` + results + `))) AS acts
    FROM ` + in.events() + ` WHERE ` + acts.String() + ` GROUP BY visitor_hash)
  ARRAY JOIN arrayFilter(a -> a.3 AND a.1 < {range_to:Int64}, acts) AS search)
GROUP BY term` + having + ` ORDER BY ` + order + ` DESC, term LIMIT {limit:UInt64}`
}
