-- Windows alone, with a derived key, with only the end selected, and with a condition on the groups.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '3' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE all_keys (ws TIMESTAMP(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/all_keys', 'format' = 'changelog-json');
CREATE TABLE letters (we TIMESTAMP(3), letter STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/letters', 'format' = 'changelog-json');
CREATE TABLE busy (ws TIMESTAMP(3), k STRING, s INT) WITH ('connector' = 'filesystem', 'path' = 'out/busy', 'format' = 'changelog-json');
CREATE TABLE plain (ws TIMESTAMP(3), we TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/plain', 'format' = 'changelog-json');

CREATE VIEW w AS SELECT * FROM TUMBLE(DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '30' SECOND);

EXECUTE STATEMENT SET BEGIN
  INSERT INTO all_keys SELECT window_start, COUNT(*) FROM w GROUP BY window_start, window_end;
  INSERT INTO letters SELECT window_end, UPPER(SUBSTRING(k FROM 1 FOR 1)), COUNT(*) FROM w GROUP BY window_end, window_start, UPPER(SUBSTRING(k FROM 1 FOR 1));
  INSERT INTO busy SELECT window_start, k, SUM(v) FROM w GROUP BY window_start, window_end, k HAVING COUNT(*) > 1 AND SUM(v) > 0;
  INSERT INTO plain SELECT window_start, window_end FROM w GROUP BY window_start, window_end;
END;
