-- Changelog functions: TO_CHANGELOG and FROM_CHANGELOG.

-- setup
CREATE TABLE t (id INT, name STRING) WITH ('connector' = 'values', 'rows' = '{"id":1,"name":"a"}');
CREATE VIEW counts AS SELECT id, COUNT(*) AS n FROM t GROUP BY id;

-- refused: table function TO_CHANGELOG
SELECT * FROM TO_CHANGELOG(input => TABLE counts PARTITION BY id);

-- refused: table function TO_CHANGELOG
SELECT * FROM TO_CHANGELOG(input => TABLE counts PARTITION BY id, op => DESCRIPTOR(kind));

-- refused: table function TO_CHANGELOG
SELECT * FROM TO_CHANGELOG(input => TABLE counts PARTITION BY id, op => DESCRIPTOR(kind), op_mapping => MAP['INSERT', 'I', 'UPDATE_AFTER', 'U']);

-- refused: table function FROM_CHANGELOG
SELECT * FROM FROM_CHANGELOG(input => TABLE t, op => DESCRIPTOR(name));
