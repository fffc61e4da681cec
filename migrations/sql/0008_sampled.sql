-- The events of one visitor in 16, with what questions over long ranges need of them. Filled by every insert into events. Fewer visitors yet
-- are a range of the key.
CREATE TABLE IF NOT EXISTS {{store "sampled"}} (
    site LowCardinality(String),
    name LowCardinality(String),
    time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    received DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    visitor_hash UInt64 COMMENT 'less than 2^60' CODEC(ZSTD(1)),
    seq UInt64 COMMENT 'of the event' CODEC(Delta, ZSTD(1)),
    machine Bool,
    repeat Bool,
    device LowCardinality(String),
    source LowCardinality(String),
    placement LowCardinality(String),
    rec_id String CODEC(ZSTD(1)),
    search_term String CODEC(ZSTD(1)),
    results Int8 COMMENT 'of a search, as its props say: 0 none, 1 some, -1 unknown',
    `items.id` Array(String) CODEC(ZSTD(1)),
    `items.reason` Array(LowCardinality(String))
) ENGINE = {{engine "MergeTree"}}
PARTITION BY toYYYYMM(time)
ORDER BY (site, name, visitor_hash, time)
SETTINGS {{settings}};
{{distributed "sampled"}}

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view "sampled_view" "sampled"}} AS
SELECT site, name, time, received, visitor_hash, seq, machine, repeat, device, source, placement, rec_id, search_term,
    if(name = 'search' AND JSONType(props, 'results') IN ('Int64', 'UInt64', 'Double'), toInt8(JSONExtractFloat(props, 'results') > 0), -1) AS results,
    items.id, items.reason
FROM {{name "events"}}
WHERE visitor_hash < bitShiftLeft(toUInt64(1), 60);
