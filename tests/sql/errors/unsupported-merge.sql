MERGE INTO t USING s ON t.a = s.a;
