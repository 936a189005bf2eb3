-- Aggregates of BITMAPs without GROUP BY: of no rows at all, and of sets; COUNT(DISTINCT) of a BITMAP.
CREATE TABLE t (id INT, k STRING, v ARRAY<INT>) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (o STRING, n BIGINT, t STRING, u STRING, c BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT BITMAP_TO_STRING(BITMAP_AND_AGG(b)), BITMAP_OR_CARDINALITY_AGG(b), TYPEOF(BITMAP_AND_AGG(b)), TYPEOF(BITMAP_OR_CARDINALITY_AGG(b)), COUNT(DISTINCT b)
FROM (SELECT k, BITMAP_BUILD(v) AS b FROM t);
