SET 'table.dynamic-table-options.enabled' = 'false';
CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '3');
SELECT n FROM numbers /*+ OPTIONS('number-of-rows' = '5') */;
