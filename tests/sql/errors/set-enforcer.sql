SET 'table.exec.sink.type-length-enforcer' = 'TRIM_PAD';
