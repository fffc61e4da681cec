CREATE TABLE IF NOT EXISTS `beckon`.migrations_local ON CLUSTER `main` (
    number UInt32,
    name String,
    checksum String,
    done UInt32 COMMENT 'statements of the file that are applied',
    applied DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = MergeTree
ORDER BY (number, done)
SETTINGS fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    old_parts_lifetime = 30,
    merge_selector_base = 12,
    lightweight_mutation_projection_mode = 'rebuild',
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS `beckon`.migrations ON CLUSTER `main` AS `beckon`.migrations_local
ENGINE = Distributed(`main`, `beckon`, migrations_local, number);

CREATE TABLE IF NOT EXISTS `beckon`.events_local ON CLUSTER `main` (
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
) ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (site, name, time, visitor_hash)
SETTINGS fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    old_parts_lifetime = 30,
    merge_selector_base = 12,
    lightweight_mutation_projection_mode = 'rebuild',
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS `beckon`.events ON CLUSTER `main` AS `beckon`.events_local
ENGINE = Distributed(`main`, `beckon`, events_local, cityHash64(site, visitor));

CREATE TABLE IF NOT EXISTS `beckon`.sessions_local ON CLUSTER `main` (
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
) ENGINE = ReplacingMergeTree(version, deleted)
PARTITION BY toYYYYMM(start)
ORDER BY (site, visitor, start)
SETTINGS fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    old_parts_lifetime = 30,
    merge_selector_base = 12,
    lightweight_mutation_projection_mode = 'rebuild',
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS `beckon`.sessions ON CLUSTER `main` AS `beckon`.sessions_local
ENGINE = Distributed(`main`, `beckon`, sessions_local, cityHash64(site, visitor));

CREATE TABLE IF NOT EXISTS `beckon`.impressions_local ON CLUSTER `main` (
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
) ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (site, time, visitor_hash)
SETTINGS fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    old_parts_lifetime = 30,
    merge_selector_base = 12,
    lightweight_mutation_projection_mode = 'rebuild',
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS `beckon`.impressions ON CLUSTER `main` AS `beckon`.impressions_local
ENGINE = Distributed(`main`, `beckon`, impressions_local, cityHash64(site, visitor));

CREATE MATERIALIZED VIEW IF NOT EXISTS `beckon`.impressions_view ON CLUSTER `main` TO `beckon`.impressions_local AS
SELECT site, placement, reason, item, time, received, visitor, visitor_hash, rec_id, toUInt16(position) AS position, propensity, price,
    generated, machine, consent, seq
FROM `beckon`.events_local
ARRAY JOIN items.id AS item, items.reason AS reason, items.propensity AS propensity, items.price AS price, arrayEnumerate(items.id) AS position
WHERE name = 'impression';

CREATE TABLE IF NOT EXISTS `beckon`.orders_local ON CLUSTER `main` (
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
) ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (site, time, visitor_hash)
SETTINGS fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    old_parts_lifetime = 30,
    merge_selector_base = 12,
    lightweight_mutation_projection_mode = 'rebuild',
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS `beckon`.orders ON CLUSTER `main` AS `beckon`.orders_local
ENGINE = Distributed(`main`, `beckon`, orders_local, cityHash64(site, visitor));

CREATE MATERIALIZED VIEW IF NOT EXISTS `beckon`.orders_view ON CLUSTER `main` TO `beckon`.orders_local AS
SELECT site, time, received, visitor, visitor_hash, user, transaction, currency, value, name = 'refund' AS refund, machine, late, consent,
    device, source, seq, items.id, items.price, items.quantity, items.category
FROM `beckon`.events_local
WHERE (name = 'purchase' AND NOT repeat) OR name = 'refund';

CREATE TABLE IF NOT EXISTS `beckon`.daily_local ON CLUSTER `main` (
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
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (site, day, name, device, machine, currency)
SETTINGS fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    old_parts_lifetime = 30,
    merge_selector_base = 12,
    lightweight_mutation_projection_mode = 'rebuild',
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS `beckon`.daily ON CLUSTER `main` AS `beckon`.daily_local
ENGINE = Distributed(`main`, `beckon`, daily_local);

CREATE MATERIALIZED VIEW IF NOT EXISTS `beckon`.daily_view ON CLUSTER `main` TO `beckon`.daily_local AS
SELECT site, toDate(time) AS day, name, device, machine, if(name IN ('purchase', 'refund'), currency, '') AS currency,
    count() AS events, countIf(late) AS late, countIf(repeat) AS repeats,
    sumIf(value, name IN ('purchase', 'refund') AND NOT repeat) AS value, uniqState(visitor_hash) AS visitors
FROM `beckon`.events_local
GROUP BY site, day, name, device, machine, currency;

CREATE TABLE IF NOT EXISTS `beckon`.daily_items_local ON CLUSTER `main` (
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
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (site, day, item, currency)
SETTINGS fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    old_parts_lifetime = 30,
    merge_selector_base = 12,
    lightweight_mutation_projection_mode = 'rebuild',
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS `beckon`.daily_items ON CLUSTER `main` AS `beckon`.daily_items_local
ENGINE = Distributed(`main`, `beckon`, daily_items_local);

CREATE MATERIALIZED VIEW IF NOT EXISTS `beckon`.daily_items_view ON CLUSTER `main` TO `beckon`.daily_items_local AS
SELECT site, toDate(time) AS day, item, if(name = 'purchase', currency, '') AS currency,
    countIf(name = 'impression') AS impressions, countIf(name = 'view_item') AS views, countIf(name = 'add_to_cart') AS carts,
    countIf(name = 'remove_from_cart') AS removes, countIf(name = 'purchase') AS purchases,
    sumIf(piece, name = 'purchase') AS quantity, sumIf(piece * price, name = 'purchase' AND price >= 0) AS revenue
FROM `beckon`.events_local
ARRAY JOIN items.id AS item, items.price AS price, items.quantity AS piece
WHERE name IN ('impression', 'view_item', 'add_to_cart', 'remove_from_cart', 'purchase') AND NOT machine AND NOT repeat
GROUP BY site, day, item, currency;

CREATE TABLE IF NOT EXISTS `beckon`.visitor_days_local ON CLUSTER `main` (
    site LowCardinality(String),
    day Date,
    visitor_hash UInt64 CODEC(ZSTD(1)),
    events SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    views SimpleAggregateFunction(sum, UInt64) COMMENT 'view_item' CODEC(T64, ZSTD(1)),
    carts SimpleAggregateFunction(sum, UInt64) COMMENT 'add_to_cart' CODEC(T64, ZSTD(1)),
    purchases SimpleAggregateFunction(sum, UInt64) COMMENT 'that are no repeats' CODEC(T64, ZSTD(1)),
    received SimpleAggregateFunction(max, DateTime('UTC')) CODEC(ZSTD(1))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (site, day, visitor_hash)
SETTINGS fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    old_parts_lifetime = 30,
    merge_selector_base = 12,
    lightweight_mutation_projection_mode = 'rebuild',
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS `beckon`.visitor_days ON CLUSTER `main` AS `beckon`.visitor_days_local
ENGINE = Distributed(`main`, `beckon`, visitor_days_local);

CREATE MATERIALIZED VIEW IF NOT EXISTS `beckon`.visitor_days_view ON CLUSTER `main` TO `beckon`.visitor_days_local AS
SELECT site, toDate(time) AS day, visitor_hash, count() AS events, countIf(name = 'view_item') AS views,
    countIf(name = 'add_to_cart') AS carts, countIf(name = 'purchase' AND NOT repeat) AS purchases,
    toDateTime(max(received), 'UTC') AS received
FROM `beckon`.events_local
WHERE NOT machine
GROUP BY site, day, visitor_hash;

CREATE TABLE IF NOT EXISTS `beckon`.decisions_local ON CLUSTER `main` (
    epoch String COMMENT 'the incarnation of the control log' CODEC(ZSTD(1)),
    offset UInt64 CODEC(Delta, ZSTD(1)),
    time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    site LowCardinality(String),
    actor String CODEC(ZSTD(1)),
    action LowCardinality(String),
    subject String CODEC(ZSTD(1)),
    payload String CODEC(ZSTD(3))
) ENGINE = MergeTree
PARTITION BY toYear(time)
ORDER BY (site, time, offset)
SETTINGS fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    old_parts_lifetime = 30,
    merge_selector_base = 12,
    lightweight_mutation_projection_mode = 'rebuild',
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS `beckon`.decisions ON CLUSTER `main` AS `beckon`.decisions_local
ENGINE = Distributed(`main`, `beckon`, decisions_local, cityHash64(site));

CREATE TABLE IF NOT EXISTS `beckon`.batches_local ON CLUSTER `main` (
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
) ENGINE = MergeTree
ORDER BY (log, epoch, `from`)
SETTINGS fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    old_parts_lifetime = 30,
    merge_selector_base = 12,
    lightweight_mutation_projection_mode = 'rebuild',
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS `beckon`.batches ON CLUSTER `main` AS `beckon`.batches_local
ENGINE = Distributed(`main`, `beckon`, batches_local, cityHash64(log));

CREATE TABLE IF NOT EXISTS `beckon`.dead_letters_local ON CLUSTER `main` (
    site LowCardinality(String),
    time DateTime64(3, 'UTC') COMMENT 'of the log' CODEC(Delta, ZSTD(1)),
    seq UInt64 CODEC(Delta, ZSTD(1)),
    partition UInt16,
    offset UInt64 CODEC(Delta, ZSTD(1)),
    payload String COMMENT 'the record as it is' CODEC(ZSTD(3))
) ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (site, time, seq)
SETTINGS fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    old_parts_lifetime = 30,
    merge_selector_base = 12,
    lightweight_mutation_projection_mode = 'rebuild',
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS `beckon`.dead_letters ON CLUSTER `main` AS `beckon`.dead_letters_local
ENGINE = Distributed(`main`, `beckon`, dead_letters_local, cityHash64(site));

CREATE TABLE IF NOT EXISTS `beckon`.set_aside_local ON CLUSTER `main` (
    log LowCardinality(String),
    seq UInt64 CODEC(Delta, ZSTD(1)),
    partition UInt16,
    offset UInt64 CODEC(Delta, ZSTD(1)),
    time DateTime64(3, 'UTC') COMMENT 'of the log' CODEC(Delta, ZSTD(1)),
    payload String COMMENT 'the record as it is' CODEC(ZSTD(3)),
    reason String CODEC(ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (log, seq)
SETTINGS fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    old_parts_lifetime = 30,
    merge_selector_base = 12,
    lightweight_mutation_projection_mode = 'rebuild',
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS `beckon`.set_aside ON CLUSTER `main` AS `beckon`.set_aside_local
ENGINE = Distributed(`main`, `beckon`, set_aside_local, cityHash64(log));

CREATE TABLE IF NOT EXISTS `beckon`.sampled_local ON CLUSTER `main` (
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
) ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (site, name, visitor_hash, time)
SETTINGS fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    old_parts_lifetime = 30,
    merge_selector_base = 12,
    lightweight_mutation_projection_mode = 'rebuild',
    deduplicate_merge_projection_mode = 'rebuild',
    non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS `beckon`.sampled ON CLUSTER `main` AS `beckon`.sampled_local
ENGINE = Distributed(`main`, `beckon`, sampled_local);

CREATE MATERIALIZED VIEW IF NOT EXISTS `beckon`.sampled_view ON CLUSTER `main` TO `beckon`.sampled_local AS
SELECT site, name, time, received, visitor_hash, seq, machine, repeat, device, source, placement, rec_id, search_term,
    if(name = 'search' AND JSONType(props, 'results') IN ('Int64', 'UInt64', 'Double'), toInt8(JSONExtractFloat(props, 'results') > 0), -1) AS results,
    items.id, items.reason
FROM `beckon`.events_local
WHERE visitor_hash < bitShiftLeft(toUInt64(1), 60);

ALTER TABLE `beckon`.events_local ON CLUSTER `main` ADD PROJECTION IF NOT EXISTS counts (SELECT site, generated, count() GROUP BY site, generated);

ALTER TABLE `beckon`.daily_items_view ON CLUSTER `main` MODIFY QUERY
SELECT site, toDate(time) AS day, item, if(name = 'purchase', currency, '') AS currency,
    countIf(name = 'impression' AND reason != '') AS impressions, countIf(name = 'view_item') AS views, countIf(name = 'add_to_cart') AS carts,
    countIf(name = 'remove_from_cart') AS removes, countIf(name = 'purchase') AS purchases,
    sumIf(piece, name = 'purchase') AS quantity, sumIf(piece * price, name = 'purchase' AND price >= 0) AS revenue
FROM `beckon`.events_local
ARRAY JOIN items.id AS item, items.price AS price, items.quantity AS piece, items.reason AS reason
WHERE name IN ('impression', 'view_item', 'add_to_cart', 'remove_from_cart', 'purchase') AND NOT machine AND NOT repeat
GROUP BY site, day, item, currency;
