/*
 * cli/nexmark_sql.c -- the Nexmark benchmark as SQL: the generator's table, its three views, the
 * queries.
 *
 * DESIGN     The queries are the benchmark's definition in Flink SQL, into a table of their result
 *            columns. q14 counts a character with built-in functions where the original loads a
 *            Java class.
 */
#include "cli/cli.h"

const char sb_nexmark_columns[] =
    "  event_type INT,\n"
    "  person ROW<id BIGINT, name VARCHAR, emailAddress VARCHAR, creditCard VARCHAR, city VARCHAR, "
    "state VARCHAR,\n"
    "             `dateTime` TIMESTAMP(3), extra VARCHAR>,\n"
    "  auction ROW<id BIGINT, itemName VARCHAR, description VARCHAR, initialBid BIGINT, reserve "
    "BIGINT,\n"
    "              `dateTime` TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT, category BIGINT, "
    "extra VARCHAR>,\n"
    "  bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR, "
    "`dateTime` TIMESTAMP(3),\n"
    "          extra VARCHAR>,\n"
    "  `dateTime` AS CASE WHEN event_type = 0 THEN person.`dateTime`\n"
    "                     WHEN event_type = 1 THEN auction.`dateTime`\n"
    "                     ELSE bid.`dateTime` END,\n"
    "  WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '4' SECOND\n";

const char sb_nexmark_views[] =
    "CREATE VIEW person AS\n"
    "SELECT person.id, person.name, person.emailAddress, person.creditCard, person.city, "
    "person.state, `dateTime`,\n"
    "       person.extra\n"
    "FROM nexmark WHERE event_type = 0;\n"
    "CREATE VIEW auction AS\n"
    "SELECT auction.id, auction.itemName, auction.description, auction.initialBid, "
    "auction.reserve, `dateTime`,\n"
    "       auction.expires, auction.seller, auction.category, auction.extra\n"
    "FROM nexmark WHERE event_type = 1;\n"
    "CREATE VIEW bid AS\n"
    "SELECT bid.auction, bid.bidder, bid.price, bid.channel, bid.url, `dateTime`, bid.extra\n"
    "FROM nexmark WHERE event_type = 2;\n";

/* Bids by price class, in all, of bidders, of auctions: q15 and q16. */
#define RANK1 "FILTER (WHERE price < 10000)"
#define RANK2 "FILTER (WHERE price >= 10000 AND price < 1000000)"
#define RANK3 "FILTER (WHERE price >= 1000000)"
#define BY_RANK(count, name)                                                            \
    count " AS total_" name ", " count " " RANK1 " AS rank1_" name ", " count " " RANK2 \
          " AS rank2_" name ", " count " " RANK3 " AS rank3_" name
#define RANK_COLUMNS(name) \
    "total_" name " BIGINT, rank1_" name " BIGINT, rank2_" name " BIGINT, rank3_" name " BIGINT"
#define DAY "DATE_FORMAT(`dateTime`, 'yyyy-MM-dd')"
#define HOP_BID \
    "TABLE(HOP(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '2' SECOND, INTERVAL '10' SECOND))"
#define TUMBLE(table) "TABLE(TUMBLE(TABLE " table ", DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND))"

static const sb_nexmark_query queries[] = {
    {"q0", false,
     "auction BIGINT, bidder BIGINT, price BIGINT, `dateTime` TIMESTAMP(3), extra VARCHAR",
     "SELECT auction, bidder, price, `dateTime`, extra FROM bid"},
    {"q1", false,
     "auction BIGINT, bidder BIGINT, price DECIMAL(23, 3), `dateTime` TIMESTAMP(3), extra VARCHAR",
     "SELECT auction, bidder, 0.908 * price AS price, `dateTime`, extra FROM bid"},
    {"q2", false, "auction BIGINT, price BIGINT",
     "SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0"},
    {"q3", false, "name VARCHAR, city VARCHAR, state VARCHAR, id BIGINT",
     "SELECT P.name, P.city, P.state, A.id\n"
     "FROM auction AS A INNER JOIN person AS P ON A.seller = P.id\n"
     "WHERE A.category = 10 AND (P.state = 'OR' OR P.state = 'ID' OR P.state = 'CA')"},
    {"q4", true, "id BIGINT, final BIGINT",
     "SELECT Q.category, AVG(Q.final)\n"
     "FROM (SELECT MAX(B.price) AS final, A.category\n"
     "      FROM auction A, bid B\n"
     "      WHERE A.id = B.auction AND B.`dateTime` BETWEEN A.`dateTime` AND A.expires\n"
     "      GROUP BY A.id, A.category) Q\n"
     "GROUP BY Q.category"},
    {"q5", false, "auction BIGINT, num BIGINT",
     "SELECT AuctionBids.auction, AuctionBids.num\n"
     "FROM (SELECT auction, COUNT(*) AS num, window_start AS starttime, window_end AS endtime\n"
     "      FROM " HOP_BID "\n"
     "      GROUP BY auction, window_start, window_end) AS AuctionBids\n"
     "JOIN (SELECT MAX(CountBids.num) AS maxn, CountBids.starttime, CountBids.endtime\n"
     "      FROM (SELECT COUNT(*) AS num, window_start AS starttime, window_end AS endtime\n"
     "            FROM " HOP_BID "\n"
     "            GROUP BY auction, window_start, window_end) AS CountBids\n"
     "      GROUP BY CountBids.starttime, CountBids.endtime) AS MaxBids\n"
     "ON AuctionBids.starttime = MaxBids.starttime AND AuctionBids.endtime = MaxBids.endtime\n"
     "   AND AuctionBids.num >= MaxBids.maxn"},
    {"q7", false,
     "auction BIGINT, price BIGINT, bidder BIGINT, `dateTime` TIMESTAMP(3), extra VARCHAR",
     "SELECT B.auction, B.price, B.bidder, B.`dateTime`, B.extra\n"
     "FROM bid B\n"
     "JOIN (SELECT MAX(price) AS maxprice, window_end AS `dateTime`\n"
     "      FROM " TUMBLE("bid") "\n"
                                 "      GROUP BY window_start, window_end) B1\n"
                                 "ON B.price = B1.maxprice\n"
                                 "WHERE B.`dateTime` BETWEEN B1.`dateTime` - INTERVAL '10' SECOND "
                                 "AND B1.`dateTime`"},
    {"q8", false, "id BIGINT, name VARCHAR, stime TIMESTAMP(3)",
     "SELECT P.id, P.name, P.starttime\n"
     "FROM (SELECT id, name, window_start AS starttime, window_end AS endtime\n"
     "      FROM " TUMBLE(
         "person") "\n"
                   "      GROUP BY id, name, window_start, window_end) P\n"
                   "JOIN (SELECT seller, window_start AS starttime, window_end AS endtime\n"
                   "      FROM " TUMBLE(
                       "auction") "\n"
                                  "      GROUP BY seller, window_start, window_end) A\n"
                                  "ON P.id = A.seller AND P.starttime = A.starttime AND P.endtime "
                                  "= A.endtime"},
    {"q14", false,
     "auction BIGINT, bidder BIGINT, price DECIMAL(23, 3), bidTimeType VARCHAR, `dateTime` "
     "TIMESTAMP(3), extra VARCHAR,\n"
     "c_counts BIGINT",
     "SELECT auction, bidder, 0.908 * price AS price,\n"
     "       CASE WHEN HOUR(`dateTime`) >= 8 AND HOUR(`dateTime`) <= 18 THEN 'dayTime'\n"
     "            WHEN HOUR(`dateTime`) <= 6 OR HOUR(`dateTime`) >= 20 THEN 'nightTime'\n"
     "            ELSE 'otherTime' END AS bidTimeType,\n"
     "       `dateTime`, extra,\n"
     "       CAST(CHAR_LENGTH(extra) - CHAR_LENGTH(REPLACE(extra, 'c', '')) AS BIGINT) AS "
     "c_counts\n"
     "FROM bid\n"
     "WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000"},
    {"q15", true,
     "`day` VARCHAR, " RANK_COLUMNS("bids") ", " RANK_COLUMNS("bidders") ", " RANK_COLUMNS(
         "auctions"),
     "SELECT " DAY " AS `day`,\n" BY_RANK("COUNT(*)", "bids") ",\n" BY_RANK(
         "COUNT(DISTINCT bidder)",
         "bidders") ",\n" BY_RANK("COUNT(DISTINCT auction)",
                                  "auctions") "\nFROM bid\nGROUP BY " DAY},
    {"q16", true,
     "channel VARCHAR, `day` VARCHAR, `minute` VARCHAR, " RANK_COLUMNS("bids") ", " RANK_COLUMNS(
         "bidders") ", " RANK_COLUMNS("auctions"),
     "SELECT channel, " DAY
     " AS `day`, MAX(DATE_FORMAT(`dateTime`, 'HH:mm')) AS `minute`,\n" BY_RANK(
         "COUNT(*)", "bids") ",\n" BY_RANK("COUNT(DISTINCT bidder)",
                                           "bidders") ",\n" BY_RANK("COUNT(DISTINCT auction)",
                                                                    "auctions") "\nFROM bid\nGROUP "
                                                                                "BY channel, " DAY},
    {"q17", true,
     "auction BIGINT, `day` VARCHAR, " RANK_COLUMNS(
         "bids") ", min_price BIGINT, max_price BIGINT, avg_price BIGINT, sum_price BIGINT",
     "SELECT auction, " DAY " AS `day`,\n" BY_RANK(
         "COUNT(*)", "bids") ",\n"
                             "       MIN(price) AS min_price, MAX(price) AS max_price, AVG(price) "
                             "AS avg_price, SUM(price) AS sum_price\n"
                             "FROM bid\n"
                             "GROUP BY auction, " DAY},
    {"q20", false,
     "auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR, bid_dateTime "
     "TIMESTAMP(3), bid_extra VARCHAR,\n"
     "itemName VARCHAR, description VARCHAR, initialBid BIGINT, reserve BIGINT, auction_dateTime "
     "TIMESTAMP(3),\n"
     "expires TIMESTAMP(3), seller BIGINT, category BIGINT, auction_extra VARCHAR",
     "SELECT auction, bidder, price, channel, url, B.`dateTime`, B.extra,\n"
     "       itemName, description, initialBid, reserve, A.`dateTime`, expires, seller, category, "
     "A.extra\n"
     "FROM bid AS B INNER JOIN auction AS A ON B.auction = A.id\n"
     "WHERE A.category = 10"},
    {"q21", false,
     "auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, channel_id VARCHAR",
     "SELECT auction, bidder, price, channel,\n"
     "       CASE WHEN LOWER(channel) = 'apple' THEN '0'\n"
     "            WHEN LOWER(channel) = 'google' THEN '1'\n"
     "            WHEN LOWER(channel) = 'facebook' THEN '2'\n"
     "            WHEN LOWER(channel) = 'baidu' THEN '3'\n"
     "            ELSE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) END AS channel_id\n"
     "FROM bid\n"
     "WHERE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) IS NOT NULL\n"
     "      OR LOWER(channel) IN ('apple', 'google', 'facebook', 'baidu')"},
    {"q22", false,
     "auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, dir1 VARCHAR, dir2 VARCHAR, "
     "dir3 VARCHAR",
     "SELECT auction, bidder, price, channel, SPLIT_INDEX(url, '/', 3) AS dir1, SPLIT_INDEX(url, "
     "'/', 4) AS dir2,\n"
     "       SPLIT_INDEX(url, '/', 5) AS dir3\n"
     "FROM bid"},
};

const sb_nexmark_query *
sb_nexmark_query_at(int index)
{
    return index >= 0 && index < (int)(sizeof queries / sizeof queries[0]) ? &queries[index] : NULL;
}
