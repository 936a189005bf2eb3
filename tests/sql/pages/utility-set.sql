-- SET.

-- ok
SET 'table.local-time-zone' = 'Asia/Tokyo';
SELECT CAST(TO_TIMESTAMP_LTZ(0, 3) AS STRING);
-- > 1970-01-01 09:00:00.000

-- ok
SET 'table.local-time-zone' = 'Europe/Berlin';
SET;
-- has: table.local-time-zone
-- has: Europe/Berlin

-- error: parallelism.default
SET 'parallelism.default' = 'many';

-- error: expected
SET 'parallelism.default';
