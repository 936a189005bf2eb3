-- csv in and out: quotes, empty fields, null literal, another delimiter.
CREATE TABLE i (id INT, name STRING, x DOUBLE, tm TIMESTAMP(3)) WITH ('connector' = 'kafka', 'topic' = 'csv.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'csv', 'csv.null-literal' = 'NULL', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE o (id INT, name STRING, x DOUBLE, tm TIMESTAMP(3)) WITH ('connector' = 'kafka', 'topic' = 'csv.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'csv', 'csv.field-delimiter' = ';', 'csv.null-literal' = '-');
INSERT INTO o SELECT * FROM i;
