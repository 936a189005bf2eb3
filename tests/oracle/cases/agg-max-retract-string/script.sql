-- Strings order by their UTF-8 bytes: upper case before lower case, the astral plane after all of the basic one.
CREATE TABLE t (k INT, v STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE ends (k INT, hi STRING, lo STRING) WITH ('connector' = 'filesystem', 'path' = 'out/ends', 'format' = 'changelog-json');

INSERT INTO ends SELECT k, MAX(v), MIN(v) FROM t GROUP BY k;
