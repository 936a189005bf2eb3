-- Sinks that say which kinds they take: with a key but all kinds, and without -U.
CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE everything (k STRING, s INT, PRIMARY KEY (k) NOT ENFORCED) WITH (
  'connector' = 'filesystem',
  'path' = 'out/everything',
  'format' = 'changelog-json',
  'changelog-json.changelog-mode' = 'I,UB,UA,D'
);
CREATE TABLE upserts (k STRING, s INT, PRIMARY KEY (k) NOT ENFORCED) WITH (
  'connector' = 'filesystem',
  'path' = 'out/upserts',
  'format' = 'changelog-json',
  'changelog-json.changelog-mode' = 'I,UA,D'
);
CREATE TABLE passed (k STRING, v INT) WITH (
  'connector' = 'filesystem',
  'path' = 'out/passed',
  'format' = 'changelog-json',
  'changelog-json.changelog-mode' = 'I,UB,UA,D'
);

INSERT INTO everything SELECT k, SUM(v) FROM t GROUP BY k;
INSERT INTO upserts SELECT k, SUM(v) FROM t GROUP BY k;
INSERT INTO passed SELECT k, v FROM t WHERE v IS NOT NULL;
