-- JSON in JSON aggregates goes in as it is; a MULTISET as text; types of the aggregates that collect.
CREATE TABLE t (id INT, k STRING, s STRING, i INT, d DOUBLE, m DECIMAL(10, 2), w BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE j (k STRING, a STRING, o STRING) WITH ('connector' = 'filesystem', 'path' = 'out/j', 'format' = 'changelog-json');
CREATE TABLE c (k STRING, s STRING) WITH ('connector' = 'filesystem', 'path' = 'out/c', 'format' = 'changelog-json');
CREATE VIEW v AS SELECT k, COLLECT(i) AS c, COLLECT(s) FILTER (WHERE w) AS cf, ARRAY_AGG(i) AS a, PERCENTILE(i, 0.5) AS p, PERCENTILE(d, ARRAY[0.5]) AS ps, JSON_ARRAYAGG(i) AS ja, JSON_OBJECTAGG(KEY k VALUE i) AS jo FROM t GROUP BY k;
DESCRIBE v;
CREATE VIEW g AS SELECT COLLECT(i) AS c, ARRAY_AGG(id) AS a, PERCENTILE(i, 0.5) AS p, JSON_ARRAYAGG(i) AS ja FROM t;
DESCRIBE g;

EXECUTE STATEMENT SET BEGIN
  INSERT INTO j SELECT k, JSON_ARRAYAGG(JSON_OBJECT('i' VALUE i)), JSON_OBJECTAGG(KEY CAST(id AS STRING) VALUE JSON_ARRAY(i, s)) FROM t GROUP BY k;
  INSERT INTO c SELECT k, CAST(COLLECT(s) AS STRING) FROM t WHERE s = 'x' GROUP BY k;
END;
