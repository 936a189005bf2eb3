-- Dynamic tables: a continuous query gives rows, or changes of rows; a table as a stream.

-- setup
CREATE TABLE clicks (who STRING, url STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'values', 'rows' = '{"who":"Mary","url":"/home","ts":"2024-01-01 12:00:00"}
{"who":"Bob","url":"/cart","ts":"2024-01-01 12:00:05"}
{"who":"Mary","url":"/prod","ts":"2024-01-01 12:55:00"}
{"who":"Liz","url":"/home","ts":"2024-01-01 13:30:00"}');

-- changes
SELECT who, COUNT(url) FROM clicks GROUP BY who;
-- > +I | Mary | 1
-- > +I | Bob | 1
-- > -U | Mary | 1
-- > +U | Mary | 2
-- > +I | Liz | 1

-- changes
SELECT who, window_end, COUNT(url) FROM TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '1' HOUR) GROUP BY who, window_start, window_end;
-- > +I | Mary | 2024-01-01 13:00:00 | 2
-- > +I | Bob | 2024-01-01 13:00:00 | 1
-- > +I | Liz | 2024-01-01 14:00:00 | 1

-- changes
SELECT who, url FROM clicks WHERE who <> 'Mary';
-- > +I | Bob | /cart
-- > +I | Liz | /home

-- refused: group window function TUMBLE
SELECT who, TUMBLE_END(ts, INTERVAL '1' HOUR), COUNT(url) FROM clicks GROUP BY who, TUMBLE(ts, INTERVAL '1' HOUR);

-- refused: OVER
SELECT who, RANK() OVER (ORDER BY n) FROM (SELECT who, COUNT(*) AS n FROM clicks GROUP BY who);

-- # as an upsert stream into a table with a key: without the row before the change
-- ok
CREATE TABLE latest (who STRING, n BIGINT, PRIMARY KEY (who) NOT ENFORCED)
WITH ('connector' = 'filesystem', 'path' = 'latest', 'format' = 'changelog-json');
INSERT INTO latest SELECT who, COUNT(*) FROM clicks WHERE who = 'Mary' GROUP BY who;
CREATE TABLE text (line STRING) WITH ('connector' = 'filesystem', 'path' = 'latest', 'format' = 'raw');
SELECT line FROM text;
-- > {"op":"+I","data":{"who":"Mary","n":1}}
-- > {"op":"+U","data":{"who":"Mary","n":2}}

-- # as a retract stream
-- ok
CREATE TABLE each_one (who STRING, n BIGINT) WITH ('connector' = 'print');
INSERT INTO each_one SELECT who, COUNT(*) FROM clicks WHERE who = 'Mary' GROUP BY who;
-- names: +I[Mary, 1]
-- > -U[Mary, 1]
-- > +U[Mary, 2]

-- # a table that takes rows only
-- error: pdat
CREATE TABLE appended (who STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv');
INSERT INTO appended SELECT who, COUNT(*) FROM clicks GROUP BY who;
