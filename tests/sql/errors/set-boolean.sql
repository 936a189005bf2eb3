SET 'table.exec.mini-batch.enabled' = 'maybe';
