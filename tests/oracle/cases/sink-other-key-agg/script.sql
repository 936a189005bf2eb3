-- The same behind an aggregation whose groups move between the sink's keys.
SET 'table.exec.sink.require-on-conflict' = 'false';

CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE by_total (total INT, k STRING, PRIMARY KEY (total) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/by_total', 'format' = 'changelog-json');

INSERT INTO by_total SELECT COALESCE(SUM(v), -1), k FROM t GROUP BY k;
