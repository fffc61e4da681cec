-- Purchases that are no repeats, and refunds. Filled by every insert into events.
CREATE TABLE IF NOT EXISTS {{store "orders"}} (
    site LowCardinality(String),
    time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    received DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    visitor String CODEC(ZSTD(1)),
    visitor_hash UInt64 CODEC(ZSTD(1)),
    user String CODEC(ZSTD(1)),
    transaction String CODEC(ZSTD(1)),
    currency LowCardinality(String),
    value Int64 COMMENT 'minor units, as sent: not negative for refunds' CODEC(T64, ZSTD(1)),
    refund Bool,
    machine Bool,
    late Bool,
    consent UInt8,
    device LowCardinality(String),
    source LowCardinality(String),
    seq UInt64 COMMENT 'of the event' CODEC(Delta, ZSTD(1)),
    `items.id` Array(String) CODEC(ZSTD(1)),
    `items.price` Array(Int64) CODEC(ZSTD(1)),
    `items.quantity` Array(Int64) CODEC(ZSTD(1)),
    `items.category` Array(LowCardinality(String))
) ENGINE = {{engine "MergeTree"}}
PARTITION BY toYYYYMM(time)
ORDER BY (site, time, visitor_hash)
SETTINGS {{settings}};
{{distributed "orders" "cityHash64(site, visitor)"}}

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view "orders_view" "orders"}} AS
SELECT site, time, received, visitor, visitor_hash, user, transaction, currency, value, name = 'refund' AS refund, machine, late, consent,
    device, source, seq, items.id, items.price, items.quantity, items.category
FROM {{name "events"}}
WHERE (name = 'purchase' AND NOT repeat) OR name = 'refund';
