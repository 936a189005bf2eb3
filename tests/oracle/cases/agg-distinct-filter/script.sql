-- Several distincts over one column, each with its own filter, next to each other and to the plain ones.
CREATE TABLE visits (page STRING, who INT, ms INT) WITH ('connector' = 'filesystem', 'path' = 'in/visits.json', 'format' = 'changelog-json');
CREATE TABLE r (page STRING, everyone BIGINT, slow BIGINT, fast BIGINT, odd BIGINT, n BIGINT, slow_n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');

INSERT INTO r SELECT page,
  COUNT(DISTINCT who),
  COUNT(DISTINCT who) FILTER (WHERE ms >= 100),
  COUNT(DISTINCT who) FILTER (WHERE ms < 100),
  COUNT(DISTINCT who) FILTER (WHERE who % 2 = 1),
  COUNT(*),
  COUNT(*) FILTER (WHERE ms >= 100)
FROM visits GROUP BY page;
