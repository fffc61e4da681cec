-- What the shop and its people decided: the control log. Secrets in payload are sealed before they come here.
CREATE TABLE IF NOT EXISTS {{store "decisions"}} (
    epoch String COMMENT 'the incarnation of the control log' CODEC(ZSTD(1)),
    offset UInt64 CODEC(Delta, ZSTD(1)),
    time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    site LowCardinality(String),
    actor String CODEC(ZSTD(1)),
    action LowCardinality(String),
    subject String CODEC(ZSTD(1)),
    payload String CODEC(ZSTD(3))
) ENGINE = {{engine "MergeTree"}}
PARTITION BY toYear(time)
ORDER BY (site, time, offset)
SETTINGS {{settings}};
{{distributed "decisions" "cityHash64(site)"}}
