-- The dialect of Hive: it can be asked for, and is not there.

-- error: dialect
SET 'table.sql-dialect' = 'hive';

-- ok
SET 'table.sql-dialect' = 'default';
SELECT 1;
-- > 1
