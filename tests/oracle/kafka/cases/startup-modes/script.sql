-- scan.startup.mode: earliest-offset, latest-offset, timestamp, specific-offsets, group-offsets (with and without offsets of the group).
CREATE TABLE earliest (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'startup-modes.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE latest (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'startup-modes.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'latest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE by_time (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'startup-modes.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'timestamp', 'scan.startup.timestamp-millis' = '1700000002500', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE by_late_time (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'startup-modes.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'timestamp', 'scan.startup.timestamp-millis' = '1700000009000', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE by_offset (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'startup-modes.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'specific-offsets', 'scan.startup.specific-offsets' = 'partition:0,offset:4', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE by_group (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'startup-modes.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'group-offsets', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json', 'properties.group.id' = 'startup-modes.group');
CREATE TABLE no_group (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'startup-modes.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'group-offsets', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json', 'properties.group.id' = 'startup-modes.new', 'properties.auto.offset.reset' = 'earliest');
CREATE TABLE by_default (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'startup-modes.in', 'properties.bootstrap.servers' = 'localhost:9092', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json',
    'properties.group.id' = 'startup-modes.group');
CREATE TABLE o (mode STRING, id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'startup-modes.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT 'earliest', id FROM earliest;
INSERT INTO o SELECT 'latest', id FROM latest;
INSERT INTO o SELECT 'timestamp', id FROM by_time;
INSERT INTO o SELECT 'timestamp behind the end', id FROM by_late_time;
INSERT INTO o SELECT 'specific', id FROM by_offset;
INSERT INTO o SELECT 'group', id FROM by_group;
INSERT INTO o SELECT 'new group', id FROM no_group;
INSERT INTO o SELECT 'default', id FROM by_default;
