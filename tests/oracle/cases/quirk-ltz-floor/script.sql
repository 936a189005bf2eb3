-- FLOOR of an instant to days and months uses the offset of that instant, not of the day's beginning; hours before the zone's first offset are negative.
SET 'table.local-time-zone' = 'Europe/Berlin';

CREATE TABLE t (id INT, z TIMESTAMP_LTZ(3)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, local_time STRING, d TIMESTAMP_LTZ(3), mo TIMESTAMP_LTZ(3), y TIMESTAMP_LTZ(3), h BIGINT, dd BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT id, CAST(z AS STRING), FLOOR(z TO DAY), FLOOR(z TO MONTH), FLOOR(z TO YEAR), HOUR(z), EXTRACT(DAY FROM z) FROM t;
