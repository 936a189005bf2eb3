-- Values that are longer or shorter than their columns say: as they are; cut and padded, but not in ARRAY and ROW; with rows left out for NULL; as a key.
CREATE TABLE src (a CHAR(4), b VARCHAR(3), c BINARY(3), d VARBINARY(2), n INT, arr ARRAY<VARCHAR(2)>, r ROW<x VARCHAR(3)>) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE ig (a CHAR(4), b VARCHAR(3), c BINARY(3), d VARBINARY(2), n INT) WITH ('connector' = 'filesystem', 'path' = 'out/ig', 'format' = 'changelog-json');
CREATE TABLE tp (a CHAR(4), b VARCHAR(3), c BINARY(3), d VARBINARY(2), n INT) WITH ('connector' = 'filesystem', 'path' = 'out/tp', 'format' = 'changelog-json');
CREATE TABLE nest (arr ARRAY<VARCHAR(2)>, r ROW<x VARCHAR(3)>, b VARCHAR(3)) WITH ('connector' = 'filesystem', 'path' = 'out/nest', 'format' = 'changelog-json');
CREATE TABLE nn (a CHAR(4) NOT NULL, b VARCHAR(3) NOT NULL) WITH ('connector' = 'filesystem', 'path' = 'out/nn', 'format' = 'changelog-json');
CREATE TABLE ky (b VARCHAR(3), n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/ky', 'format' = 'changelog-json');

SET 'table.exec.sink.type-length-enforcer' = 'IGNORE';
INSERT INTO ig SELECT a, b, c, d, n FROM src;
SET 'table.exec.sink.type-length-enforcer' = 'TRIM_PAD';
INSERT INTO tp SELECT a, b, c, d, n FROM src;
INSERT INTO nest SELECT arr, r, b FROM src;
INSERT INTO ky SELECT b, COUNT(*) FROM src WHERE b IS NOT NULL GROUP BY b;
SET 'table.exec.sink.not-null-enforcer' = 'DROP';
INSERT INTO nn SELECT a, b FROM src;
