-- From files to files: bids and highest price per auction and window of ten seconds.
CREATE TABLE bids (
    auction BIGINT, price BIGINT, channel STRING, ts TIMESTAMP(3),
    WATERMARK FOR ts AS ts - INTERVAL '4' SECOND
) WITH ('connector' = 'filesystem', 'path' = 'bids', 'format' = 'json');

CREATE TABLE counts (auction BIGINT, window_start TIMESTAMP(3), bids BIGINT, highest BIGINT)
WITH ('connector' = 'filesystem', 'path' = 'counts', 'format' = 'json');

INSERT INTO counts
SELECT auction, window_start, COUNT(*), MAX(price)
FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND))
GROUP BY auction, window_start, window_end;
