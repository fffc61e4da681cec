-- Counts of a day. Filled by every insert into events; rows of the same key are summed when parts merge, so always ask with sum() and
-- uniqMerge(). currency is that of purchases and refunds and empty for all others; value is the sum over those that are no repeats.
CREATE TABLE IF NOT EXISTS {{store "daily"}} (
    site LowCardinality(String),
    day Date,
    name LowCardinality(String),
    device LowCardinality(String),
    machine Bool,
    currency LowCardinality(String),
    events SimpleAggregateFunction(sum, UInt64),
    late SimpleAggregateFunction(sum, UInt64),
    repeats SimpleAggregateFunction(sum, UInt64),
    value SimpleAggregateFunction(sum, Int64),
    visitors AggregateFunction(uniq, UInt64) COMMENT 'of visitor_hash'
) ENGINE = {{engine "AggregatingMergeTree"}}
PARTITION BY toYYYYMM(day)
ORDER BY (site, day, name, device, machine, currency)
SETTINGS {{settings}};
{{distributed "daily"}}

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view "daily_view" "daily"}} AS
SELECT site, toDate(time) AS day, name, device, machine, if(name IN ('purchase', 'refund'), currency, '') AS currency,
    count() AS events, countIf(late) AS late, countIf(repeat) AS repeats,
    sumIf(value, name IN ('purchase', 'refund') AND NOT repeat) AS value, uniqState(visitor_hash) AS visitors
FROM {{name "events"}}
GROUP BY site, day, name, device, machine, currency;

-- Counts of an item and day, machines' events left out. currency is that of purchases and empty for all others.
CREATE TABLE IF NOT EXISTS {{store "daily_items"}} (
    site LowCardinality(String),
    day Date,
    item String CODEC(ZSTD(1)),
    currency LowCardinality(String),
    impressions SimpleAggregateFunction(sum, UInt64),
    views SimpleAggregateFunction(sum, UInt64),
    carts SimpleAggregateFunction(sum, UInt64),
    removes SimpleAggregateFunction(sum, UInt64),
    purchases SimpleAggregateFunction(sum, UInt64) COMMENT 'lines of orders',
    quantity SimpleAggregateFunction(sum, Int64) COMMENT 'pieces bought',
    revenue SimpleAggregateFunction(sum, Int64) COMMENT 'minor units, of the lines that have a price'
) ENGINE = {{engine "AggregatingMergeTree"}}
PARTITION BY toYYYYMM(day)
ORDER BY (site, day, item, currency)
SETTINGS {{settings}};
{{distributed "daily_items"}}

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view "daily_items_view" "daily_items"}} AS
SELECT site, toDate(time) AS day, item, if(name = 'purchase', currency, '') AS currency,
    countIf(name = 'impression') AS impressions, countIf(name = 'view_item') AS views, countIf(name = 'add_to_cart') AS carts,
    countIf(name = 'remove_from_cart') AS removes, countIf(name = 'purchase') AS purchases,
    sumIf(piece, name = 'purchase') AS quantity, sumIf(piece * price, name = 'purchase' AND price >= 0) AS revenue
FROM {{name "events"}}
ARRAY JOIN items.id AS item, items.price AS price, items.quantity AS piece
WHERE name IN ('impression', 'view_item', 'add_to_cart', 'remove_from_cart', 'purchase') AND NOT machine AND NOT repeat
GROUP BY site, day, item, currency;

-- One row a visitor and day, machines' events left out, for retention and active visitors: ask with GROUP BY, rows are summed when parts merge.
CREATE TABLE IF NOT EXISTS {{store "visitor_days"}} (
    site LowCardinality(String),
    day Date,
    visitor_hash UInt64 CODEC(ZSTD(1)),
    events SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    views SimpleAggregateFunction(sum, UInt64) COMMENT 'view_item' CODEC(T64, ZSTD(1)),
    carts SimpleAggregateFunction(sum, UInt64) COMMENT 'add_to_cart' CODEC(T64, ZSTD(1)),
    purchases SimpleAggregateFunction(sum, UInt64) COMMENT 'that are no repeats' CODEC(T64, ZSTD(1)),
    received SimpleAggregateFunction(max, DateTime('UTC')) CODEC(ZSTD(1))
) ENGINE = {{engine "AggregatingMergeTree"}}
PARTITION BY toYYYYMM(day)
ORDER BY (site, day, visitor_hash)
SETTINGS {{settings}};
{{distributed "visitor_days"}}

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view "visitor_days_view" "visitor_days"}} AS
SELECT site, toDate(time) AS day, visitor_hash, count() AS events, countIf(name = 'view_item') AS views,
    countIf(name = 'add_to_cart') AS carts, countIf(name = 'purchase' AND NOT repeat) AS purchases,
    toDateTime(max(received), 'UTC') AS received
FROM {{name "events"}}
WHERE NOT machine
GROUP BY site, day, visitor_hash;
