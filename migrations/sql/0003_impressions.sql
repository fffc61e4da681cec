-- What was shown, one row an item. Filled by every insert into events.
CREATE TABLE IF NOT EXISTS {{store "impressions"}} (
    site LowCardinality(String),
    placement LowCardinality(String),
    reason LowCardinality(String),
    item String CODEC(ZSTD(1)),
    time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    received DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    visitor String CODEC(ZSTD(1)),
    visitor_hash UInt64 CODEC(ZSTD(1)),
    rec_id String CODEC(ZSTD(1)),
    position UInt16 COMMENT 'from 1' CODEC(T64, ZSTD(1)),
    propensity Float32 CODEC(ZSTD(1)),
    price Int64 COMMENT 'minor units, -1: none' CODEC(T64, ZSTD(1)),
    generated Bool,
    machine Bool,
    consent UInt8,
    seq UInt64 COMMENT 'of the event' CODEC(Delta, ZSTD(1))
) ENGINE = {{engine "MergeTree"}}
PARTITION BY toYYYYMM(time)
ORDER BY (site, time, visitor_hash)
SETTINGS {{settings}};
{{distributed "impressions" "cityHash64(site, visitor)"}}

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view "impressions_view" "impressions"}} AS
SELECT site, placement, reason, item, time, received, visitor, visitor_hash, rec_id, toUInt16(position) AS position, propensity, price,
    generated, machine, consent, seq
FROM {{name "events"}}
ARRAY JOIN items.id AS item, items.reason AS reason, items.propensity AS propensity, items.price AS price, arrayEnumerate(items.id) AS position
WHERE name = 'impression';
