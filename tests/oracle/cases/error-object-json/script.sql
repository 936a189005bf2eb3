-- A structured type cannot be written as JSON.
CREATE TABLE t (id INT, k STRING, v STRING, a ARRAY<INT>) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (x STRUCTURED<'com.X', k STRING>) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT OBJECT_OF('com.X', 'k', k) FROM t;
