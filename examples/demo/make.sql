-- The input of count.sql: one million bids as JSON lines.
CREATE TABLE nexmark (
    event_type INT,
    bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR, `dateTime` TIMESTAMP(3), extra VARCHAR>
) WITH ('connector' = 'nexmark', 'events' = '1000000', 'rate' = '10000');

CREATE TABLE bids (auction BIGINT, price BIGINT, channel STRING, ts TIMESTAMP(3))
WITH ('connector' = 'filesystem', 'path' = 'bids', 'format' = 'json');

INSERT INTO bids SELECT bid.auction, bid.price, bid.channel, bid.`dateTime` FROM nexmark WHERE event_type = 2;
