-- scan.bounded.mode: latest-offset, timestamp, specific-offsets, group-offsets.
CREATE TABLE latest (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'bounded-modes.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE by_time (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'bounded-modes.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'timestamp', 'scan.bounded.timestamp-millis' = '1700000003000', 'format' = 'json');
CREATE TABLE by_offset (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'bounded-modes.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'specific-offsets', 'scan.bounded.specific-offsets' = 'partition:0,offset:2', 'format' = 'json');
CREATE TABLE by_group (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'bounded-modes.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'group-offsets', 'format' = 'json', 'properties.group.id' = 'bounded-modes.group');
CREATE TABLE o1 (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'bounded-modes.latest', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
CREATE TABLE o2 (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'bounded-modes.time', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
CREATE TABLE o3 (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'bounded-modes.offset', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
CREATE TABLE o4 (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'bounded-modes.group', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o1 SELECT id FROM latest;
INSERT INTO o2 SELECT id FROM by_time;
INSERT INTO o3 SELECT id FROM by_offset;
INSERT INTO o4 SELECT id FROM by_group;
