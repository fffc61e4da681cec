package history

// shownText counts items shown, by placement and kind.
func (in *inquiry) shownText(ask *ConversionAsk) string {
	where := in.rows()
	if ask.Placement != "" {
		in.params["placement"] = ask.Placement
		where = append(where, "placement = {placement:String}")
	}
	return "SELECT toString(placement) AS place, toString(reason) AS kind, count() AS n FROM impressions WHERE " + where.String() +
		" GROUP BY place, kind ORDER BY n DESC, place, kind LIMIT {limit:UInt64}"
}

// attributedText counts clicks, and what followed them.
//
// The inner parts, in order: clicks are events that name a recommendation; shown are the first impressions of those recommendations;
// touched is one row an impression that was clicked; touches is one row a visitor and item, with all clicks on impressions of it. Those
// of impressions outside the range are kept until the end, because they take what they led to from the others. Clicks have the seq of
// their event, so that order within one millisecond is the log's.
func (in *inquiry) attributedText(ask *ConversionAsk) string {
	click, buy := ask.ClickWindow.Milliseconds(), ask.BuyWindow.Milliseconds()
	in.params["click_window"], in.params["buy_window"] = click, buy
	end := in.scope.To + click + buy
	clicks := append(in.span("after", in.scope.From, end), "name IN ('select_item', 'view_item')", "rec_id != ''")
	shown := append(in.span("shown", in.scope.From-click, end), "(rec_id, visitor_hash) GLOBAL IN (SELECT rec_id, visitor_hash FROM clicks)")
	acts := in.span("after", in.scope.From, end)
	acts = append(acts, "(visitor_hash, item) GLOBAL IN (SELECT visitor_hash, item FROM touched)")
	placed := ""
	if ask.Placement != "" {
		placed = " AND place = {placement:String}"
	}
	return `
WITH clicks AS (
    SELECT visitor_hash, rec_id, item, ` + millis + ` AS at, seq FROM events ARRAY JOIN items.id AS item WHERE ` + clicks.String() + `),
  shown AS (
    SELECT visitor_hash, rec_id, item, min((` + millis + `, seq, position)) AS first, first.1 AS since,
      argMin((toString(placement), toString(reason)), (` + millis + `, seq, position)) AS place_kind
    FROM impressions WHERE ` + shown.String() + ` GROUP BY visitor_hash, rec_id, item),
  touched AS (
    SELECT visitor_hash, item, rec_id, any(place_kind.1) AS place, any(place_kind.2) AS kind,
      any(since >= {from:Int64} AND since < {to:Int64}) AS ours, groupArray((at, seq)) AS ats
    FROM clicks GLOBAL INNER JOIN shown USING (visitor_hash, rec_id, item)
    WHERE at >= since AND at <= since + {click_window:Int64}
    GROUP BY visitor_hash, item, rec_id),
  touches AS (
    SELECT visitor_hash, item, arraySort(arrayFlatten([groupArrayArray(arrayMap(a -> (a.1, a.2, place, kind, ours), ats))])) AS list
    FROM touched GROUP BY visitor_hash, item),
  acts AS (
    SELECT visitor_hash, item, 'cart' AS act, '' AS money, ` + millis + ` AS at, seq, quantity, price
    FROM events ARRAY JOIN items.id AS item, items.quantity AS quantity, items.price AS price
    WHERE ` + acts.String() + ` AND name = 'add_to_cart'
    UNION ALL
    SELECT visitor_hash, item, 'purchase' AS act, toString(currency) AS money, ` + millis + ` AS at, seq, quantity, price
    FROM orders ARRAY JOIN items.id AS item, items.quantity AS quantity, items.price AS price
    WHERE ` + acts.String() + ` AND NOT refund)
SELECT place, kind, 'click' AS act, '' AS money, count() AS lines, toInt64(0) AS pieces, toInt64(0) AS minor
FROM touched WHERE ours` + placed + ` GROUP BY place, kind
UNION ALL
SELECT touch.3 AS place, touch.4 AS kind, act, money, count() AS lines, sum(greatest(quantity, 1)) AS pieces,
  sum(greatest(quantity, 1) * greatest(price, 0)) AS minor
FROM (
  SELECT act, money, quantity, price, at, arrayLast(t -> (t.1, t.2) < (acts.at, acts.seq), list) AS touch
  FROM acts GLOBAL INNER JOIN touches USING (visitor_hash, item))
WHERE touch.5 AND touch.1 >= at - {buy_window:Int64}` + placed + `
GROUP BY place, kind, act, money
ORDER BY place, kind, act, money`
}
