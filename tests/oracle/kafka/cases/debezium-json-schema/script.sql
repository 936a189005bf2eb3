-- debezium-json with the schema included, and metadata of the format: its timestamps, source and table.
CREATE TABLE i (id BIGINT, name STRING, w DOUBLE, tm TIMESTAMP_LTZ(3) METADATA FROM 'value.ingestion-timestamp' VIRTUAL,
    st TIMESTAMP_LTZ(3) METADATA FROM 'value.source.timestamp' VIRTUAL, db STRING METADATA FROM 'value.source.database' VIRTUAL,
    tab STRING METADATA FROM 'value.source.table' VIRTUAL, pos BIGINT METADATA FROM 'offset' VIRTUAL)
  WITH ('connector' = 'kafka', 'topic' = 'debezium-json-schema.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'debezium-json', 'debezium-json.schema-include' = 'true');
CREATE TABLE changes (id BIGINT, name STRING, w DOUBLE, tm TIMESTAMP_LTZ(3), st TIMESTAMP_LTZ(3), db STRING, tab STRING, pos BIGINT)
  WITH ('connector' = 'filesystem', 'path' = 'out/changes', 'format' = 'changelog-json');
INSERT INTO changes SELECT * FROM i;
