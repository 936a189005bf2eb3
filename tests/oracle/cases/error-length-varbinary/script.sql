-- A value of another length than its column says, with the enforcer ERROR.
CREATE TABLE src (a CHAR(4), b VARCHAR(3), c BINARY(3), d VARBINARY(2), n INT, arr ARRAY<VARCHAR(2)>, r ROW<x VARCHAR(3)>) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (x VARBINARY(2)) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

SET 'table.exec.sink.type-length-enforcer' = 'ERROR';
INSERT INTO o SELECT d FROM src WHERE n = 2;
