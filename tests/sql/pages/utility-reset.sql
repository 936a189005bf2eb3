-- RESET.

-- ok
SET 'table.local-time-zone' = 'Asia/Tokyo';
RESET 'table.local-time-zone';
SELECT CAST(TO_TIMESTAMP_LTZ(0, 3) AS STRING);
-- > 1970-01-01 00:00:00.000

-- ok
SET 'table.local-time-zone' = 'Asia/Tokyo';
RESET;
SELECT CAST(TO_TIMESTAMP_LTZ(0, 3) AS STRING);
-- > 1970-01-01 00:00:00.000
