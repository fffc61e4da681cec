package history

// startOfDay is the start of an impression's day as Unix ms, of an expression of Unix ms; 0 where days are not asked for.
func (ask *ConversionAsk) startOfDay(ms string) string {
	if !ask.Days {
		return "toInt64(0)"
	}
	return "intDiv(" + ms + ", 86400000) * 86400000"
}

// shownText counts items shown, by placement and kind, with their days.
func (in *inquiry) shownText(ask *ConversionAsk) string {
	where := append(in.rows(), "reason != ''")
	if ask.Placement != "" {
		in.params["placement"] = ask.Placement
		where = append(where, "placement = {placement:String}")
	}
	return "SELECT toString(placement) AS place, toString(reason) AS kind, days.1, days.2 FROM (" +
		"SELECT placement, reason, sum(n) AS total, groupArray((start, n)) AS days FROM (" +
		"SELECT placement, reason, " + ask.startOfDay(millis) + " AS start, count() AS n FROM " + in.impressions() + " WHERE " + where.String() +
		" GROUP BY placement, reason, start) GROUP BY placement, reason) " +
		"ORDER BY total DESC, place, kind LIMIT {limit:UInt64}"
}

// impressions is the table of items shown, as the sample has it where that is asked.
func (in *inquiry) impressions() string {
	if in.events() == "sampled" {
		return "(SELECT site, time, visitor_hash, machine, seq, placement, rec_id, item, reason, toUInt16(position) AS position FROM sampled " +
			"ARRAY JOIN items.id AS item, items.reason AS reason, arrayEnumerate(items.id) AS position WHERE name = 'impression')"
	}
	return "impressions"
}

// attributedText counts clicks, and what followed them.
//
// Everything that can matter to a visitor and an item is one group of acts, in order of time and then of the log: what was shown (0) of the
// recommendations that were clicked, clicks (1), lines of carts (2) and of orders (3). A click finds the first impression of its
// recommendation and makes a touch of it; those of impressions outside the range are kept until the end, because they take what they led
// to from the others. Named subqueries would be read once for every mention, so there are none.
func (in *inquiry) attributedText(ask *ConversionAsk) string {
	click, buy := ask.ClickWindow.Milliseconds(), ask.BuyWindow.Milliseconds()
	in.params["click_window"], in.params["buy_window"] = click, buy
	end := in.scope.To + click + buy
	after := in.span("after", in.scope.From, end)
	clicks := append(after[:len(after):len(after)], "name IN ('select_item', 'view_item')", "rec_id != ''").String()
	shown := append(in.span("shown", in.scope.From-click, end), "(rec_id, item) GLOBAL IN (SELECT rec_id, item FROM "+in.events()+" ARRAY JOIN items.id AS item WHERE "+clicks+")", "reason != ''")
	placed := ""
	if ask.Placement != "" {
		placed = " WHERE place = {placement:String}"
	}
	return `
SELECT did.1 AS place, did.2 AS kind, did.3 AS act, did.4 AS money, did.7 AS start, count() AS lines, sum(did.5) AS pieces, sum(did.6) AS minor FROM (
  SELECT arrayJoin(arrayConcat(
    arrayMap(t -> (t.3, t.4, 'click', '', toInt64(0), toInt64(0), t.7), arrayFilter((t, i) -> t.5 AND i, touches, first)),
    arrayMap(b -> (b.1.3, b.1.4, if(b.2.1 = 2, 'cart', 'purchase'), b.2.6, b.2.7, b.2.7 * b.2.8, b.1.7),
      arrayFilter(b -> b.1.5 AND b.1.1 >= b.2.2 - {buy_window:Int64},
        arrayMap(a -> (arrayLast(t -> (t.1, t.2) < (a.2, a.3), touches), a), arrayFilter(a -> a.1 >= 2, acts)))))) AS did
  FROM (
    SELECT arraySort(groupArray((act, at, seq, position, rec, word, quantity, price, kind))) AS acts,
      arrayFilter(a -> a.1 = 0, acts) AS shown,
      arrayMap(p -> (p.2.2, p.2.3, p.1.6, p.1.9, p.1.2 >= {range_from:Int64} AND p.1.2 < {range_to:Int64}, p.1.5, ` + ask.startOfDay("p.1.2") + `),
        arrayFilter(p -> p.1.2 > 0 AND p.2.2 >= p.1.2 AND p.2.2 <= p.1.2 + {click_window:Int64},
          arrayMap(c -> (arrayFirst(s -> s.5 = c.5, shown), c), arrayFilter(a -> a.1 = 1, acts)))) AS touches,
      arrayMap((x, i) -> i = 1, touches, arrayEnumerateUniq(arrayMap(t -> t.6, touches))) AS first
    FROM (
      SELECT visitor_hash, item, toUInt8(0) AS act, ` + millis + ` AS at, seq, position, rec_id AS rec, toString(placement) AS word,
        toInt64(0) AS quantity, toInt64(0) AS price, toString(reason) AS kind
      FROM ` + in.impressions() + ` WHERE ` + shown.String() + `
      UNION ALL
      SELECT visitor_hash, item, toUInt8(1), ` + millis + `, seq, toUInt16(0), rec_id, '', toInt64(0), toInt64(0), ''
      FROM ` + in.events() + ` ARRAY JOIN items.id AS item WHERE ` + clicks + `
      UNION ALL
      SELECT visitor_hash, item, toUInt8(2), ` + millis + `, seq, toUInt16(0), '', '', toInt64(1), toInt64(0), ''
      FROM ` + in.events() + ` ARRAY JOIN items.id AS item WHERE ` + after.String() + ` AND name = 'add_to_cart'
      UNION ALL
      SELECT visitor_hash, item, toUInt8(3), ` + millis + `, seq, toUInt16(0), '', toString(currency), greatest(quantity, 1), greatest(price, 0), ''
      FROM orders ARRAY JOIN items.id AS item, items.quantity AS quantity, items.price AS price WHERE ` + after.String() + ` AND NOT refund)
    GROUP BY visitor_hash, item HAVING countIf(act = 0) > 0 AND countIf(act = 1) > 0))` + placed + `
GROUP BY place, kind, act, money, start ORDER BY place, kind, act, money, start`
}
