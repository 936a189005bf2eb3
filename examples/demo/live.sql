-- Bids per channel in windows of two seconds, printed when each window ends.
-- The generator makes 20,000 events a second for six seconds.
CREATE TABLE nexmark (
    event_type INT, -- 0 person, 1 auction, 2 bid
    person ROW<id BIGINT, name VARCHAR, emailAddress VARCHAR, creditCard VARCHAR, city VARCHAR, state VARCHAR,
               `dateTime` TIMESTAMP(3), extra VARCHAR>,
    auction ROW<id BIGINT, itemName VARCHAR, description VARCHAR, initialBid BIGINT, reserve BIGINT,
                `dateTime` TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT, category BIGINT, extra VARCHAR>,
    bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR, `dateTime` TIMESTAMP(3), extra VARCHAR>,
    `dateTime` AS COALESCE(person.`dateTime`, auction.`dateTime`, bid.`dateTime`),
    WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '0' SECOND
) WITH (
    'connector' = 'nexmark',
    'rate' = '20000',              -- events per second of event time
    'events-per-second' = '20000', -- and of the clock
    'events' = '120000'
);

CREATE TABLE shown (window_end TIMESTAMP(3), channel VARCHAR, bids BIGINT, highest BIGINT) WITH ('connector' = 'print');

INSERT INTO shown
SELECT window_end, channel, COUNT(*) AS bids, MAX(price) AS highest
FROM TABLE(TUMBLE((SELECT bid.channel AS channel, bid.price AS price, `dateTime` FROM nexmark WHERE event_type = 2),
                  DESCRIPTOR(`dateTime`), INTERVAL '2' SECOND))
WHERE channel IN ('Apple', 'Baidu', 'Facebook', 'Google')
GROUP BY window_start, window_end, channel;
