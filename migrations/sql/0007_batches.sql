-- The frozen batches that are stored whole: the newest row of a log is the writer's position.
CREATE TABLE IF NOT EXISTS {{store "batches"}} (
    log LowCardinality(String) COMMENT 'events or control',
    epoch String COMMENT 'the incarnation of the log' CODEC(ZSTD(1)),
    `from` UInt64 COMMENT 'Seq of the first record' CODEC(Delta, ZSTD(1)),
    next UInt64 COMMENT 'Seq behind the last record' CODEC(Delta, ZSTD(1)),
    ends Array(UInt64) COMMENT 'by partition, the offset behind the last record' CODEC(ZSTD(1)),
    rows UInt32 COMMENT 'in events or decisions' CODEC(T64, ZSTD(1)),
    sessions UInt32 CODEC(T64, ZSTD(1)),
    hash UInt64 CODEC(ZSTD(1)),
    written DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1)),
    marks String COMMENT 'the skeleton of the log' CODEC(ZSTD(3))
) ENGINE = {{engine "MergeTree"}}
ORDER BY (log, epoch, `from`)
SETTINGS {{settings}};
{{distributed "batches" "cityHash64(log)"}}

-- Records of the log that are no events because they were refused.
CREATE TABLE IF NOT EXISTS {{store "dead_letters"}} (
    site LowCardinality(String),
    time DateTime64(3, 'UTC') COMMENT 'of the log' CODEC(Delta, ZSTD(1)),
    seq UInt64 CODEC(Delta, ZSTD(1)),
    partition UInt16,
    offset UInt64 CODEC(Delta, ZSTD(1)),
    payload String COMMENT 'the record as it is' CODEC(ZSTD(3))
) ENGINE = {{engine "MergeTree"}}
PARTITION BY toYYYYMM(time)
ORDER BY (site, time, seq)
SETTINGS {{settings}};
{{distributed "dead_letters" "cityHash64(site)"}}

-- Rows that ClickHouse refused by their content, with its reason.
CREATE TABLE IF NOT EXISTS {{store "set_aside"}} (
    log LowCardinality(String),
    seq UInt64 CODEC(Delta, ZSTD(1)),
    partition UInt16,
    offset UInt64 CODEC(Delta, ZSTD(1)),
    time DateTime64(3, 'UTC') COMMENT 'of the log' CODEC(Delta, ZSTD(1)),
    payload String COMMENT 'the record as it is' CODEC(ZSTD(3)),
    reason String CODEC(ZSTD(1))
) ENGINE = {{engine "MergeTree"}}
PARTITION BY toYYYYMM(time)
ORDER BY (log, seq)
SETTINGS {{settings}};
{{distributed "set_aside" "cityHash64(log)"}}
