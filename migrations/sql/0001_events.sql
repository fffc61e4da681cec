-- One row an event, with everything the events log holds of it: an event is encoded again byte for byte from its row.
-- late, machine and repeat are what the folds found. Times that are not in 1900-2299 keep their value and lose only their month.
CREATE TABLE IF NOT EXISTS {{store "events"}} (
    site LowCardinality(String),
    name LowCardinality(String),
    kind UInt8 COMMENT 'clickstream.Kind when it was logged; a name may have become a known one since',
    time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    received DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    visitor String CODEC(ZSTD(1)),
    id String CODEC(ZSTD(1)),
    seq UInt64 CODEC(Delta, ZSTD(1)),
    partition UInt16 CODEC(ZSTD(1)),
    offset UInt64 CODEC(Delta, ZSTD(1)),
    user String CODEC(ZSTD(1)),
    linked Bool,
    generated Bool,
    consent UInt8,
    bot UInt8 COMMENT 'bits of clickstream.BotSign',
    url String CODEC(ZSTD(1)),
    ref String CODEC(ZSTD(1)),
    title String CODEC(ZSTD(1)),
    currency LowCardinality(String),
    value Int64 COMMENT 'minor units' CODEC(T64, ZSTD(1)),
    transaction String CODEC(ZSTD(1)),
    search_term String CODEC(ZSTD(1)),
    placement LowCardinality(String),
    rec_id String CODEC(ZSTD(1)),
    props String COMMENT 'a JSON object or nothing' CODEC(ZSTD(1)),
    user_agent LowCardinality(String),
    ip String CODEC(ZSTD(1)),
    `items.id` Array(String) CODEC(ZSTD(1)),
    `items.price` Array(Int64) COMMENT 'minor units, -1: none' CODEC(ZSTD(1)),
    `items.quantity` Array(Int64) CODEC(ZSTD(1)),
    `items.category` Array(LowCardinality(String)),
    `items.propensity` Array(Float32) CODEC(ZSTD(1)),
    `items.reason` Array(LowCardinality(String)),
    late Bool,
    machine Bool COMMENT 'the event or its session is a machine''s',
    repeat Bool COMMENT 'a purchase whose transaction was counted before',
    visitor_hash UInt64 MATERIALIZED xxh3(visitor),
    device LowCardinality(String) MATERIALIZED multiIf(
        user_agent = '', 'other',
        multiSearchAnyCaseInsensitive(user_agent, ['ipad', 'tablet', 'kindle', 'silk/', 'playbook']), 'tablet',
        multiSearchAnyCaseInsensitive(user_agent, ['mobi', 'iphone', 'ipod']), 'mobile',
        positionCaseInsensitive(user_agent, 'android') > 0, 'tablet',
        multiSearchAnyCaseInsensitive(user_agent, ['windows nt', 'macintosh', 'x11', 'cros']), 'desktop',
        'other'),
    source LowCardinality(String) MATERIALIZED multiIf(
        extractURLParameter(url, 'utm_source') != '', lower(substringUTF8(extractURLParameter(url, 'utm_source'), 1, 64)),
        domainWithoutWWW(ref) != '' AND domainWithoutWWW(ref) != domainWithoutWWW(url), domainWithoutWWW(ref),
        'direct'),
    INDEX seq seq TYPE minmax GRANULARITY 1,
    INDEX visitor visitor_hash TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = {{engine "MergeTree"}}
PARTITION BY toYYYYMM(time)
ORDER BY (site, name, time, visitor_hash)
SETTINGS {{settings}};
{{distributed "events" "cityHash64(site, visitor)"}}
