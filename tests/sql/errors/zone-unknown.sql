SET 'table.local-time-zone' = 'Mars/Olympus';
SELECT 1;
