SET 'table.exec.legacy-cast-behaviour' = 'ENABLED';
