-- Three partitions, an end for two of them: the third is not read. An end of 0 reads nothing.
CREATE TABLE i (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'bounded-offsets-some.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'specific-offsets', 'scan.bounded.specific-offsets' = 'partition:0,offset:2;partition:1,offset:0', 'format' = 'json', 'properties.group.id' = 'bounded-offsets-some.group');
CREATE TABLE o (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'bounded-offsets-some.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT id FROM i;
