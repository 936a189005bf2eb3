-- Models of outside services.

-- setup
CREATE TABLE reviews (id BIGINT, note STRING) WITH ('connector' = 'values', 'rows' = '{"id":1,"note":"good"}');

-- refused: CREATE MODEL
CREATE MODEL mood INPUT (`text` STRING) OUTPUT (`label` STRING)
WITH ('provider' = 'openai', 'endpoint' = 'https://api.openai.com/v1/chat/completions', 'api-key' = 'key', 'model' = 'gpt-3.5-turbo', 'system-prompt' = 'say it');

-- refused: CREATE MODEL
CREATE MODEL vec INPUT (`text` STRING) OUTPUT (`embedding` ARRAY<FLOAT>) WITH ('provider' = 'openai', 'model' = 'text-embedding-3-small', 'dimension' = '8');

-- refused: CREATE MODEL
CREATE MODEL tri INPUT (`text` STRING) OUTPUT (`label` STRING) WITH ('provider' = 'triton', 'endpoint' = 'http://h:8000/v2/models', 'model-name' = 'm');

-- refused: table function ML_PREDICT
SELECT id, note FROM ML_PREDICT(INPUT => TABLE reviews, MODEL => MODEL mood, ARGS => DESCRIPTOR(note));

-- refused: table function ML_PREDICT
SELECT * FROM TABLE(ML_PREDICT(TABLE reviews, MODEL mood, DESCRIPTOR(note)));
