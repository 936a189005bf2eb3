-- Model inference: ML_PREDICT.

-- setup
CREATE TABLE t (id INT, x INT, y INT) WITH ('connector' = 'values', 'rows' = '{"id":1}');

-- refused: table function ML_PREDICT
SELECT * FROM ML_PREDICT(TABLE t, MODEL m, DESCRIPTOR(x, y));

-- refused: table function ML_PREDICT
SELECT * FROM ML_PREDICT(TABLE t, MODEL m, DESCRIPTOR(x, y), MAP['async', 'true', 'timeout', '100s']);

-- refused: table function ML_PREDICT
SELECT * FROM ML_PREDICT(INPUT => TABLE t, MODEL => MODEL m, ARGS => DESCRIPTOR(x, y), CONFIG => MAP['async', 'true']);
