-- Three partitions, specific offsets for two of them.
CREATE TABLE i (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'startup-offsets-some.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'specific-offsets', 'scan.startup.specific-offsets' = 'partition:0,offset:1;partition:2,offset:0', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json', 'properties.group.id' = 'startup-offsets-some.group');
CREATE TABLE o (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'startup-offsets-some.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT id FROM i;
