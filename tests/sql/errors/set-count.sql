SET 'parallelism.default' = 'two';
