-- An impression counts for its items when it says why: what the server answered does. What the beacon says came into view says no reason, and
-- would count the same item again. Counts that are there already stay as they are.
ALTER TABLE {{change "daily_items_view"}} MODIFY QUERY
SELECT site, toDate(time) AS day, item, if(name = 'purchase', currency, '') AS currency,
    countIf(name = 'impression' AND reason != '') AS impressions, countIf(name = 'view_item') AS views, countIf(name = 'add_to_cart') AS carts,
    countIf(name = 'remove_from_cart') AS removes, countIf(name = 'purchase') AS purchases,
    sumIf(piece, name = 'purchase') AS quantity, sumIf(piece * price, name = 'purchase' AND price >= 0) AS revenue
FROM {{name "events"}}
ARRAY JOIN items.id AS item, items.price AS price, items.quantity AS piece, items.reason AS reason
WHERE name IN ('impression', 'view_item', 'add_to_cart', 'remove_from_cart', 'purchase') AND NOT machine AND NOT repeat
GROUP BY site, day, item, currency;
