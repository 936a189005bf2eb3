-- Decimals of the compact and of the wide kind; equal values with other scales in the input are one value.
CREATE TABLE t (k STRING, v DECIMAL(10, 3), w DECIMAL(38, 18)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE ends (k STRING, vhi DECIMAL(10, 3), vlo DECIMAL(10, 3), whi DECIMAL(38, 18), wlo DECIMAL(38, 18)) WITH ('connector' = 'filesystem', 'path' = 'out/ends', 'format' = 'changelog-json');

INSERT INTO ends SELECT k, MAX(v), MIN(v), MAX(w), MIN(w) FROM t GROUP BY k;
