-- Deletes that carry the key alone.
CREATE TABLE t (k STRING, v INT, w STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE short (k STRING, n BIGINT, hi STRING, PRIMARY KEY (k) NOT ENFORCED) WITH (
  'connector' = 'filesystem',
  'path' = 'out/short',
  'format' = 'changelog-json',
  'changelog-json.delete-by-key' = 'true'
);
CREATE TABLE full_rows (k STRING, n BIGINT, hi STRING, PRIMARY KEY (k) NOT ENFORCED) WITH (
  'connector' = 'filesystem',
  'path' = 'out/full_rows',
  'format' = 'changelog-json',
  'changelog-json.delete-by-key' = 'false'
);

INSERT INTO short SELECT k, COUNT(v), MAX(w) FROM t GROUP BY k;
INSERT INTO full_rows SELECT k, COUNT(v), MAX(w) FROM t GROUP BY k;
