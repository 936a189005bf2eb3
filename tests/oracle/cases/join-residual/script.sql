-- A condition beside the equality, over both sides: updates turn it on and off, and it may be unknown.
SET 'scan.interleave' = 'true';

CREATE TABLE bids (item INT, who STRING, price INT) WITH ('connector' = 'filesystem', 'path' = 'in/bids.json', 'format' = 'changelog-json');
CREATE TABLE items (id INT, low INT, high INT) WITH ('connector' = 'filesystem', 'path' = 'in/items.json', 'format' = 'changelog-json');
CREATE TABLE fair (item INT, who STRING, price INT, low INT, high INT) WITH ('connector' = 'filesystem', 'path' = 'out/fair', 'format' = 'changelog-json');

INSERT INTO fair
SELECT b.item, b.who, b.price, i.low, i.high
FROM bids AS b JOIN items AS i ON b.item = i.id AND b.price >= i.low AND b.price < i.high AND (b.who <> 'bot' OR i.low = 0);
