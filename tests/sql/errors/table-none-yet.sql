SELECT * FROM bids;
