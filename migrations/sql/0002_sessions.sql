-- Versions of sessions: the highest version of (site, visitor, start) counts, and one that is deleted was retracted. Ask with FINAL.
CREATE TABLE IF NOT EXISTS {{store "sessions"}} (
    site LowCardinality(String),
    visitor String CODEC(ZSTD(1)),
    start DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    end DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    version UInt64 COMMENT 'Seq of the record that caused it' CODEC(Delta, ZSTD(1)),
    deleted UInt8 COMMENT '1: retracted',
    events UInt32 CODEC(T64, ZSTD(1)),
    views UInt32 CODEC(T64, ZSTD(1)),
    carts UInt32 CODEC(T64, ZSTD(1)),
    purchases UInt32 CODEC(T64, ZSTD(1)),
    bot Bool,
    consent UInt8,
    closed Bool COMMENT 'no later version will come',
    items Array(String) COMMENT 'the steps, in order of time, with kinds and times' CODEC(ZSTD(1)),
    kinds Array(UInt8) COMMENT 'clickstream.Kind' CODEC(ZSTD(1)),
    times Array(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    received DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'counts for keeping only' CODEC(Delta, ZSTD(1)),
    visitor_hash UInt64 MATERIALIZED xxh3(visitor)
) ENGINE = {{engine "ReplacingMergeTree" "version, deleted"}}
PARTITION BY toYYYYMM(start)
ORDER BY (site, visitor, start)
SETTINGS {{settings}};
{{distributed "sessions" "cityHash64(site, visitor)"}}
