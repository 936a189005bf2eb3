/*
 * sql/sql_error_test.c -- bad scripts: message, place and hint of each.
 *
 * DESIGN     The culprit stands between guillemets in the script; they are cut out and give the
 *            expected place. Expectations are written by hand. A hint of NULL is not looked at;
 *            "" means there is none.
 * THREADS    one
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sql/report.h"
#include "sql/sql_testing.h"

#define OPEN  "\xC2\xAB"
#define CLOSE "\xC2\xBB"

static const char prelude[] =
    "CREATE TABLE t (id INT, name STRING, price DECIMAL(10, 2), ts TIMESTAMP(3), r ROW<a INT, b "
    "STRING>,\n"
    "  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'append');\n"
    "CREATE TABLE bid (auction BIGINT, bidder BIGINT, price BIGINT, PRIMARY KEY (auction) NOT "
    "ENFORCED) WITH ('connector' = 'cdc');\n"
    "CREATE TABLE out1 (k STRING, n BIGINT) WITH ('connector' = 'append-only');\n"
    "CREATE TABLE strict (a INT NOT NULL, b STRING) WITH ('connector' = 'print');\n"
    "CREATE VIEW v AS SELECT id, name FROM t;\n";

typedef struct bad {
    const char *sql;
    const char *code, *message, *hint;
} bad;

static const bad bads[] = {
    /* text */
    {"SELECT «'abc", "SB1002", "string is not closed", NULL},
    {"SELECT «`abc", "SB1002", "quoted name is not closed", NULL},
    {"SELECT 1 «/* abc", "SB1002", "comment is not closed", NULL},
    {"SELECT «``» FROM t", "SB1002", "quoted name is empty", ""},
    {"SELECT id FROM t WHERE name = «\"»x\"", "SB1002", "unexpected character '\"'",
     "strings stand in single quotes, names in back-ticks"},
    {"SELECT «12a» FROM t", "SB1002", "number \"12a\" runs into a word", ""},
    {"SELECT 1 «#» 2", "SB1002", "unexpected character '#'", ""},
    {"SELECT id id2 «id3» FROM t", "SB1001",
     "expected \";\" or the end of the statement, found \"id3\"", ""},
    {"«SELEC» id FROM t", "SB1001",
     "expected a statement such as SELECT, INSERT or CREATE TABLE, found \"SELEC\"",
     "did you mean SELECT?"},
    {"SELECT id FROM t WHER «x» = 1", "SB1001",
     "expected \";\" or the end of the statement, found \"x\"", ""},
    {"SELECT id, «FROM» t", "SB1001", "expected an expression, found \"FROM\"", NULL},
    {"SELECT id FROM t WHERE id =«»", "SB1001", "expected an expression, found end of input", ""},
    {"SELECT (id «FROM» t", "SB1001", "expected \")\", found \"FROM\"", ""},
    {"SELECT id FROM «order»", "SB1001", "expected a name of a table, found \"order\"",
     "order is a keyword: write `order` to use it as a name"},
    {"SELECT CASE id «FROM» t", "SB1001", "expected WHEN, found \"FROM\"", ""},
    {"SELECT CAST(id AS «INTT») FROM t", "SB1001", "unknown type \"INTT\"", "did you mean INT?"},
    {"SELECT CAST(id AS «TEXT») FROM t", "SB1001", "unknown type \"TEXT\"", "did you mean STRING?"},
    {"SELECT CAST(id AS DECIMAL(«40»)) FROM t", "SB2016", "precision must be between 1 and 38", ""},
    {"SELECT id FROM t «ORDER BY id»", "SB3001",
     "not supported: ORDER BY over input that does not end", "table \"t\" has no end"},
    {"SELECT id, COUNT(*) FROM t GROUP BY id «LIMIT 5»", "SB3001",
     "not supported: LIMIT of changing rows over input that does not end",
     "table \"t\" has no end"},
    {"SELECT id FROM t ORDER BY «2»", "SB2002", "ORDER BY 2: the select list has 1 column", ""},
    {"SELECT id FROM t LIMIT «1.5»", "SB2005", "LIMIT wants a whole number", ""},
    {"SELECT DISTINCT id FROM t ORDER BY «name»", "SB2006",
     "ORDER BY of SELECT DISTINCT: the expression is not in the select list", ""},
    {"SELECT id FROM (VALUES (1, ARRAY[1])) AS q(id, x) ORDER BY «x»", "SB2005",
     "values of type ARRAY have no order", ""},
    {"SELECT «GROUPING(id)» FROM t", "SB2007", "GROUPING without a GROUP BY around it",
     "it stands in SELECT, HAVING or ORDER BY of a query with GROUP BY"},
    {"SELECT «GROUPING(name)» FROM t GROUP BY ROLLUP(id)", "SB2006",
     "argument 1 of GROUPING is not grouped by", ""},
    {"SELECT «GROUP_ID(id)» FROM t GROUP BY ROLLUP(id)", "SB2005", "GROUP_ID takes no arguments",
     ""},
    {"SELECT id FROM t «LEFT JOIN» bid ON id = auction", "SB3001", "not supported: LEFT JOIN", ""},
    {"SELECT id FROM t «FULL OUTER JOIN» bid ON id = auction", "SB3001", "not supported: FULL JOIN",
     ""},
    {"SELECT SUM(id) OVER «(PARTITION BY name)» FROM t", "SB3001", "not supported: OVER", ""},
    {"SELECT id FROM t «INTERSECT» SELECT id FROM t", "SB3001", "not supported: INTERSECT", ""},
    {"SELECT id FROM t WHERE «id IN (SELECT auction FROM bid)»", "SB3001",
     "not supported: IN with a subquery", ""},
    {"SELECT «(SELECT MAX(auction) FROM bid)» FROM t", "SB3001", "not supported: scalar subquery",
     ""},
    {"SELECT id FROM t WHERE «EXISTS (SELECT 1 FROM bid)»", "SB3001", "not supported: EXISTS", ""},
    {"SELECT id FROM t «MATCH_RECOGNIZE» (PATTERN (a) DEFINE a AS TRUE)", "SB3001",
     "not supported: MATCH_RECOGNIZE", ""},
    {"SELECT «name» FROM t GROUP BY ROLLUP(id)", "SB2006",
     "column \"name\" is neither grouped by nor inside an aggregate",
     "add it to GROUP BY, or take MAX(name)"},
    {"SELECT id FROM t, UNNEST(«name»)", "SB2005", "UNNEST wants an ARRAY, MAP or MULTISET", ""},
    {"SELECT 1 FROM t LEFT JOIN UNNEST(ARRAY[1]) AS u(x) ON «x = id»", "SB3001",
     "not supported: LEFT JOIN of UNNEST on a condition",
     "write ON TRUE and put the condition into WHERE"},
    {"SELECT 1 FROM t «RIGHT JOIN» UNNEST(ARRAY[1]) AS u(x) ON TRUE", "SB3001",
     "not supported: RIGHT and FULL JOIN of UNNEST", ""},
    {"SELECT 1 FROM t, UNNEST(ARRAY[1], «ARRAY[2]») AS u(x)", "SB3001",
     "not supported: UNNEST of several collections", ""},
    {"SELECT x, COUNT(*) FROM (VALUES (ARRAY[1])) AS q(x) GROUP BY x «ORDER BY COUNT(*)»", "SB3001",
     "not supported: sorting changes of rows with the nested column \"x\"", ""},
    {"SELECT 1 FROM t CROSS JOIN UNNEST(ARRAY[1]) AS u(«x, y)»", "SB2009", "2 names for 1 columns",
     ""},
    {"SELECT * FROM «CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR)»",
     "SB3001", "not supported: CUMULATE windows", ""},
    {"SELECT * FROM t «FOR SYSTEM_TIME AS OF» ts", "SB3001",
     "not supported: FOR SYSTEM_TIME AS OF (temporal and lookup join)", ""},
    {"«ALTER MODEL t RENAME TO u»", "SB3001", "not supported: ALTER MODEL", ""},
    {"«CREATE FUNCTION f AS 'x'»", "SB3001", "not supported: CREATE FUNCTION ... LANGUAGE JAVA",
     "functions are written in C: AS 'libx.so:symbol' LANGUAGE C"},
    {"CREATE TABLE x (a INT) LIKE «v»", "SB2017", "\"v\" is a view", ""},
    {"«INSERT OVERWRITE out1» SELECT name, 1 FROM t", "SB3001", "not supported: INSERT OVERWRITE",
     ""},
    {"SELECT id FROM t /*+ «STATE_TTL»('t' = '1d') */", "SB3001", "not supported: hint STATE_TTL",
     ""},
    /* names */
    {"SELECT «actuion» FROM bid", "SB2002", "column \"actuion\" not found in \"bid\"",
     "did you mean \"auction\"?"},
    {"SELECT b.«actuion» FROM bid AS b", "SB2002", "column \"actuion\" not found in \"b\"",
     "did you mean \"auction\"?"},
    {"SELECT «zzzzzz» FROM bid", "SB2002", "column \"zzzzzz\" not found in \"bid\"",
     "columns: auction, bidder, price"},
    {"SELECT «ID» FROM t", "SB2002", "column \"ID\" not found in \"t\"", "did you mean \"id\"?"},
    {"SELECT «c».auction FROM bid AS b", "SB2001", "table \"c\" is not in FROM", NULL},
    {"SELECT id FROM «bids»", "SB2001", "table \"bids\" not found", "did you mean \"bid\"?"},
    {"SELECT id FROM «nowhere»", "SB2001", "table \"nowhere\" not found",
     "tables: t, bid, out1, strict, v"},
    {"SELECT id FROM «other».t", "SB2001", "database \"other\" not found",
     "the only database is default_database"},
    {"SELECT «price» FROM t, bid", "SB2003", "column \"price\" is ambiguous",
     "write t.price or bid.price"},
    {"SELECT 1 FROM t JOIN «t» ON TRUE", "SB2010", "table \"t\" is in FROM twice",
     "give one of them another name: t AS other"},
    {"SELECT r.«c» FROM t", "SB2002", "field \"c\" not found in the row", NULL},
    {"SELECT id.«x» FROM t", "SB2005", "field \"x\" of a value of type INT, which is no ROW", ""},
    {"SELECT «NOSUCH»(id) FROM t", "SB2004", "unknown function 'NOSUCH'", NULL},
    {"SELECT CURRENT_WATERMARK(«CAST(ts AS TIMESTAMP(3))») FROM (SELECT MAX(ts) AS ts FROM t) AS m",
     "SB2011", "CURRENT_WATERMARK needs an event-time attribute, not a value of type TIMESTAMP(3)",
     "it is a column that WATERMARK FOR names, or window_time"},
    {"SELECT a.id FROM t AS a JOIN t AS b ON a.id = b.id AND «CURRENT_WATERMARK(a.ts)» IS NULL",
     "SB3001", "not supported: CURRENT_WATERMARK in ON", ""},
    {"SELECT «SOURCE_WATERMARK()» FROM t", "SB2011",
     "SOURCE_WATERMARK() may only stand in a WATERMARK clause, and alone",
     "write WATERMARK FOR ts AS SOURCE_WATERMARK()"},
    {"SELECT BITMAP_OR_AGG(«id») FROM t", "SB2005", "it takes a BITMAP", ""},
    {"SELECT «JSON_EXISTS(name, '$.a[?(@.b)]')» FROM t", "SB3001",
     "not supported: JSON path '$.a[?(@.b)]' with such a filter or function", ""},
    {"SELECT «JSON_VALUE(name, '$.a[?(@.b in [1, 2])]')» FROM t", "SB3001",
     "not supported: JSON path '$.a[?(@.b in [1, 2])]' with such a filter or function", ""},
    {"SELECT «JSON_VALUE(name, '$..a.sum()')» FROM t", "SB3001",
     "not supported: JSON path '$..a.sum()' with such a filter or function", ""},
    {"SELECT «JSON_QUERY(name, '$.a.append(1)')» FROM t", "SB3001",
     "not supported: JSON path '$.a.append(1)' with such a filter or function", ""},
    {"SELECT «OBJECT_OF('a')» FROM t", "SB3001", "not supported: OBJECT_OF without attributes", ""},
    {"SELECT «OBJECT_OF('a b', 'b', name)» FROM t", "SB2005",
     "OBJECT_OF: the name of the class is none of Java's", NULL},
    {"SELECT «OBJECT_UPDATE(OBJECT_OF('a', 'b', name), 'c', name)» FROM t", "SB2005",
     "OBJECT_UPDATE: there is no attribute 'c'", NULL},
    {"SELECT «PARSE_JSON(name) < PARSE_JSON(name)» FROM t", "SB2005",
     "cannot apply < to arguments of type (VARIANT, VARIANT)", "it takes <(ANY, ANY) -> BOOLEAN"},
    {"SELECT PARSE_JSON(name) AS v FROM t ORDER BY «v»", "SB2005",
     "values of type VARIANT have no order", ""},
    {"SELECT «id + name» FROM t", "SB2005", "cannot apply + to arguments of type (INT, STRING)",
     NULL},
    {"SELECT t.«nope» FROM v AS t", "SB2002", "column \"nope\" not found in \"t\"", NULL},
    /* types and groups */
    {"SELECT id FROM t WHERE «id + 1»", "SB2005", "WHERE must be BOOLEAN, not INT", ""},
    {"SELECT «name», COUNT(*) FROM t GROUP BY id", "SB2006",
     "column \"name\" is neither grouped by nor inside an aggregate",
     "add it to GROUP BY, or take MAX(name)"},
    {"SELECT «id», COUNT(*) FROM t", "SB2006",
     "column \"id\" is neither grouped by nor inside an aggregate",
     "there is no GROUP BY: all rows are one group"},
    {"SELECT id FROM t WHERE «COUNT(*)» > 1", "SB2007", "aggregate COUNT in WHERE",
     "conditions on aggregates stand in HAVING"},
    {"SELECT SUM(«MAX(id)») FROM t", "SB2007", "aggregate MAX inside an aggregate", ""},
    {"SELECT «SUM(name)» FROM t", "SB2005", "SUM does not take an argument of type STRING", ""},
    {"SELECT «MAX(*)» FROM t", "SB2005", "MAX(*): only COUNT takes *", ""},
    {"SELECT id FROM t WHERE name «RLIKE» 'a'", "SB3001", "not supported: RLIKE", ""},
    {"SELECT id FROM t WHERE name «ILIKE» 'a'", "SB3001", "not supported: ILIKE", ""},
    {"SELECT «ELT(RAND_INTEGER(3), name, name)» FROM t", "SB3001",
     "not supported: ELT of an index that varies by itself", ""},
    {"SELECT * FROM TABLE(«f»(TABLE t PARTITION BY id))", "SB3001",
     "not supported: table function f", ""},
    {"SELECT «APPROX_COUNT_DISTINCT»(id) FROM t", "SB3001",
     "not supported: aggregate function APPROX_COUNT_DISTINCT", ""},
    {"SELECT PERCENTILE(id, «1.5») FROM t", "SB2005", "a share of PERCENTILE lies between 0 and 1",
     ""},
    {"SELECT PERCENTILE(id, «price») FROM t", "SB2005",
     "a share of PERCENTILE is a number that cannot be NULL", ""},
    {"SELECT PERCENTILE(«name», 0.5) FROM t", "SB2005", "PERCENTILE takes numbers", ""},
    {"SELECT PERCENTILE(id, 0.5, «name») FROM t", "SB2005",
     "the frequency of PERCENTILE is a whole number", ""},
    {"SELECT «PERCENTILE(id)» FROM t", "SB2005", "PERCENTILE takes two or three arguments, not 1",
     ""},
    {"SELECT «PERCENTILE(DISTINCT id, 0.5, id)» FROM t", "SB3001",
     "not supported: PERCENTILE of DISTINCT values with a frequency", ""},
    {"SELECT JSON_OBJECTAGG(KEY «id» VALUE name) FROM t", "SB2005",
     "the keys of JSON_OBJECTAGG are texts", ""},
    {"SELECT «ARRAY_AGG(id) IGNORE NULLS FILTER (WHERE id > 1)» FROM t", "SB2005",
     "FILTER cannot follow IGNORE NULLS or RESPECT NULLS", ""},
    {"SELECT COLLECT(«NULL») FROM t", "SB2005", "NULL alone has no type", ""},
    {"SELECT «LISTAGG(id)» FROM t", "SB2005", "LISTAGG does not take an argument of type INT", ""},
    {"SELECT LISTAGG(name, «name») FROM t", "SB2005",
     "the separator of LISTAGG must be a string literal", ""},
    {"SELECT «STDDEV_POP(name)» FROM t", "SB2005",
     "STDDEV_POP does not take an argument of type STRING", ""},
    {"SELECT «FIRST_VALUE(id, id)» FROM t", "SB2005", "FIRST_VALUE takes one argument, not 2", ""},
    {"SELECT UPPER(name) «FILTER» (WHERE TRUE) FROM t", "SB2007",
     "FILTER after UPPER, which is not an aggregate function", ""},
    {"SELECT id FROM t UNION ALL «SELECT id, name FROM t»", "SB2009", "UNION of 1 and 2 columns",
     ""},
    {"VALUES (1, 2), «(3)»", "SB2009", "row 2 of VALUES has 1 columns, the first has 2", ""},
    {"SELECT «DATE '2024-02-30'»", "SB1003", "DATE literal '2024-02-30' is not valid",
     "the form is DATE 'yyyy-mm-dd'"},
    {"SELECT «INTERVAL '25:00' HOUR TO SECOND»", "SB1003", "INTERVAL literal '25:00' is not valid",
     NULL},
    {"SELECT «X'0'»", "SB1003", "binary literal '0' is not valid", NULL},
    {"SELECT «*»", "SB2002", "* without FROM", ""},
    {"SELECT id + «*» FROM t", "SB1001", "expected an expression, found \"*\"", ""},
    /* windows */
    {"SELECT * FROM TUMBLE(TABLE t, DESCRIPTOR(«id»), INTERVAL '1' HOUR)", "SB2011",
     "column \"id\" is not an event-time attribute", "the event-time attribute here is \"ts\""},
    {"SELECT * FROM TUMBLE(TABLE bid, DESCRIPTOR(«price»), INTERVAL '1' HOUR)", "SB2011",
     "column \"price\" is not an event-time attribute", NULL},
    {"SELECT * FROM TUMBLE(TABLE t, DESCRIPTOR(«tss»), INTERVAL '1' HOUR)", "SB2002",
     "column \"tss\" not found", "did you mean \"ts\"?"},
    {"SELECT * FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '4' SECOND, «INTERVAL '10' SECOND»)",
     "SB2012",
     "HOP table function based aggregate requires size must be an integral multiple of slide, but "
     "got size 10000 ms and slide 4000 ms",
     "HOP takes the slide first, then the size"},
    {"SELECT * FROM TUMBLE(TABLE t, DESCRIPTOR(ts), «INTERVAL '1' MONTH»)", "SB2012",
     "the size of a window must be a constant interval of days to seconds",
     "months and years differ in length"},
    {"SELECT * FROM TUMBLE(TABLE t, DESCRIPTOR(ts), «INTERVAL '0' SECOND»)", "SB2012",
     "the size of a window must be above zero", ""},
    {"SELECT COUNT(*) FROM t GROUP BY «TUMBLE(ts, INTERVAL '1' HOUR)»", "SB3001",
     "not supported: group window function TUMBLE", NULL},
    /* definitions */
    {"CREATE TABLE «t» (a INT)", "SB2008", "table \"t\" exists already", ""},
    {"CREATE TABLE x (a INT, «a» STRING)", "SB2010", "column \"a\" is there twice", ""},
    {"CREATE TABLE x (a INT, p INT METADATA FROM 'k', «q» STRING METADATA FROM 'k' VIRTUAL)",
     "SB2010", "columns \"p\" and \"q\" are both from the metadata key 'k'",
     "make it a computed column: q AS p"},
    {"CREATE TABLE x (p INT METADATA, «q» STRING METADATA FROM 'p')", "SB2010",
     "columns \"p\" and \"q\" are both from the metadata key 'p'",
     "make it a computed column: q AS p"},
    {"CREATE TABLE x (a INT, PRIMARY KEY («b») NOT ENFORCED)", "SB2002",
     "column \"b\" of PRIMARY KEY not found", NULL},
    {"CREATE TABLE x (a INT PRIMARY KEY«)»", "SB2013",
     "primary keys cannot be enforced: write NOT ENFORCED",
     "sabot does not check primary keys: write PRIMARY KEY (...) NOT ENFORCED"},
    {"CREATE TABLE x (a INT, WATERMARK FOR «a» AS a)", "SB2011", "the column of WATERMARK is INT",
     "event time is TIMESTAMP(3) or TIMESTAMP_LTZ(3)"},
    {"CREATE TABLE x (ts TIMESTAMP(3), WATERMARK FOR ts AS «5»)", "SB2011",
     "the expression of WATERMARK is INT NOT NULL", NULL},
    {"CREATE TABLE x (a AS «b», b AS 1)", "SB2002", "column \"b\" not found in \"x\"", NULL},
    {"CREATE TABLE x (b AS 1, a AS «b»)", "SB2002", "column \"b\" not found in \"x\"", NULL},
    {"CREATE TABLE x (a INT) WITH ('k' = '1', «'k'» = '2')", "SB2010", "option 'k' is there twice",
     ""},
    {"CREATE TABLE x («)»", "SB1001", "expected a name of a column, found \")\"", ""},
    {"CREATE TABLE «x» WITH ('a' = 'b')", "SB2013", "table \"x\" has no columns", ""},
    {"DROP VIEW «t»", "SB2017", "\"t\" is a table", "write DROP TABLE t"},
    {"DROP TABLE «nope_at_all»", "SB2001", "table \"nope_at_all\" not found", NULL},
    {"CREATE VIEW w («a») AS SELECT id, name FROM t", "SB2009", "1 names for 2 columns", ""},
    {"DROP TABLE t; SELECT * FROM «v»", "SB2001", "in view \"v\": table \"t\" not found", NULL},
    /* writing */
    {"INSERT INTO «nope» SELECT 1", "SB2001", "table \"nope\" not found", NULL},
    {"INSERT INTO «v» SELECT 1, 'a'", "SB2014", "\"v\" is a view and cannot be written to", ""},
    {"INSERT INTO out1 «SELECT name FROM t»", "SB2009",
     "the query gives 1 column, table \"out1\" takes 2", ""},
    {"INSERT INTO out1 SELECT name, «name» FROM t", "SB2005",
     "column 2 of the query is STRING, column \"n\" of \"out1\" is BIGINT", "CAST(... AS BIGINT)"},
    {"INSERT INTO out1 (k, «m») SELECT name, id FROM t", "SB2002",
     "column \"m\" not found in \"out1\"", NULL},
    {"INSERT INTO out1 (k, «k») SELECT name, name FROM t", "SB2010", "column \"k\" is there twice",
     ""},
    {"INSERT INTO strict («b»)SELECT name FROM t", "SB2014",
     "column \"a\" of \"strict\" is NOT NULL and gets no value", ""},
    {"INSERT INTO «out1» SELECT name, COUNT(*) FROM t GROUP BY name", "SB2015",
     "table \"out1\" cannot take update changes, which GROUP BY without a window makes", NULL},
    {"INSERT INTO «out1» SELECT 'a', auction FROM bid", "SB2015",
     "table \"out1\" cannot take update and delete changes, which bid makes", NULL},
    {"CREATE TABLE x (a INT) WITH ('connector' = 'kafkaesque'); SELECT * FROM «x»", "SB4002",
     "table \"x\": connector 'kafkaesque' not found", NULL},
    {"CREATE TABLE x (a INT); SELECT * FROM «x»", "SB4001", "table \"x\" has no option 'connector'",
     NULL},
    {"SELECT * FROM «t» /*+ OPTIONS('bad' = '1') */", "SB4001", "table \"t\": unknown option 'bad'",
     ""},
    {"CREATE TABLE u (a INT) WITH ('connector' = 'upsert'); SELECT * FROM «u»", "SB2013",
     "table \"u\" is an upsert source and has no primary key", NULL},
    {"CREATE TABLE m (a INT METADATA FROM 'offset') WITH ('connector' = 'append'); SELECT * FROM "
     "«m»",
     "SB4001", "table \"m\": metadata key 'offset' not found", "keys: timestamp, partition"},
    {"CREATE TABLE m (a INT, p INT METADATA FROM 'partition') WITH ('connector' = 'print'); INSERT "
     "INTO «m» VALUES (1, 2)",
     "SB4001", "table \"m\": column \"p\": metadata key 'partition' not found", "keys: timestamp"},
    {"CREATE TABLE m (a INT, p INT METADATA FROM 'partition' VIRTUAL) WITH ('connector' = "
     "'print'); "
     "INSERT INTO m (a, «p») VALUES (1, 2)",
     "SB2014", "column \"p\" of \"m\" cannot be written to: it is metadata", NULL},
    {"CREATE TABLE m (a INT, p BOOLEAN METADATA FROM 'timestamp') WITH ('connector' = 'print'); "
     "INSERT INTO «m» VALUES (1, TRUE)",
     "SB2005", "metadata column \"p\" of \"m\": there is no cast from BOOLEAN to TIMESTAMP_LTZ(3)",
     NULL},
    {"CREATE TABLE m (a INT, p TIMESTAMP(3) METADATA FROM 'timestamp') WITH ('connector' = "
     "'print'); "
     "INSERT INTO m «SELECT 1»",
     "SB2009", "the query gives 1 column, table \"m\" takes 2", NULL},
    {"SET 'table.exec.state.ttl' = «'soon'»", "SB4001",
     "option 'table.exec.state.ttl' cannot be 'soon'",
     "it is a duration such as '10 s' or '500 ms'"},
    {"SET 'table.exec.mini-batch.enabled' = «'yes'»", "SB4001",
     "option 'table.exec.mini-batch.enabled' cannot be 'yes'", "it is true or false"},
    {"USE «elsewhere»", "SB2001", "database \"elsewhere\" not found",
     "the only database is default_database"},
};

/* The script without guillemets; where they stood. */
static char *
strip(const char *sql, int32_t *begin, int32_t *end)
{
    size_t head = strlen(prelude), size = head;
    char *text = malloc(head + strlen(sql) + 1);

    memcpy(text, prelude, head);
    *begin = *end = -1;
    for (const char *c = sql; *c != '\0'; c++) {
        if (strncmp(c, OPEN, 2) == 0) {
            *begin = (int32_t)size;
            c++;
        } else if (strncmp(c, CLOSE, 2) == 0) {
            *end = (int32_t)size;
            c++;
        } else {
            text[size++] = *c;
        }
    }
    text[size] = '\0';
    return text;
}

static sb_status
run(const char *text, sb_error *err)
{
    sb_sql_script *script = NULL;
    sb_sql_session *session = NULL;
    sb_status status = sb_sql_parse(sb_mem_root(), text, strlen(text), &script, err);

    if (status == SB_OK) {
        status = sb_sql_session_new(sb_mem_root(), &sb_sql_testing_info, &session, err);
    }
    for (int32_t i = 0; status == SB_OK && i < sb_sql_script_count(script); i++) {
        sb_sql_result *result = NULL;

        status = sb_sql_execute(session, script, i, &result, err);
        sb_sql_result_free(result);
    }
    sb_sql_session_free(session);
    sb_sql_script_free(script);
    return status;
}

static void
bad_scripts(void **state)
{
    int count = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        int32_t begin, end;
        char *text = strip(bads[i].sql, &begin, &end);
        sb_error err;
        sb_status status;

        sb_error_clear(&err);
        status = run(text, &err);
        count++;
        if (status == SB_OK) {
            fail_msg("accepted: %s", bads[i].sql);
        }
        if (strcmp(err.code, bads[i].code) != 0 || strcmp(err.message, bads[i].message) != 0 ||
            (bads[i].hint != NULL && strcmp(err.hint, bads[i].hint) != 0)) {
            fail_msg("%s\n  wanted %s %s | %s\n  got    %s %s | %s", bads[i].sql, bads[i].code,
                     bads[i].message, bads[i].hint != NULL ? bads[i].hint : "(any)", err.code,
                     err.message, err.hint);
        }
        if (err.position != begin || (end >= 0 && err.position_end != end)) {
            fail_msg("%s\n  wanted place %d..%d, got %d..%d", bads[i].sql, begin, end, err.position,
                     err.position_end);
        }
        free(text);
    }
    assert_true(count >= 60);
}

/* The whole report, line for line. */
static void
report_forms(void **state)
{
    static const char text[] = "SELECT 1;\nSELECT auction,\n\tactuion FROM bid;\n";
    sb_error err;
    sb_text out;

    (void)state;
    sb_error_clear(&err);
    (void)sb_error_set(&err, SB_STATUS_NOT_FOUND, "f", 1,
                       "column \"actuion\" not found in \"bid\"");
    snprintf(err.code, sizeof(err.code), "SB2002");
    sb_error_hint(&err, "did you mean \"auction\"?");
    sb_error_at(&err, 27, 34);
    sb_text_init(&out, sb_mem_root());
    sb_sql_report(&err, "top.sql", text, strlen(text), false, &out);
    assert_string_equal(out.data, "error[SB2002]: column \"actuion\" not found in \"bid\"\n"
                                  "  --> top.sql:3:2\n"
                                  " 3 |  actuion FROM bid;\n"
                                  "   |  ^^^^^^^\n"
                                  "  hint: did you mean \"auction\"?\n");
    sb_text_clear(&out);
    sb_error_at(&err, -1, -1);
    err.hint[0] = '\0';
    sb_sql_report(&err, NULL, text, strlen(text), false, &out);
    assert_string_equal(out.data, "error[SB2002]: column \"actuion\" not found in \"bid\"\n");
    sb_text_deinit(&out);
}

/* Columns count code points, the underline stays below what it underlines. */
static void
report_utf8(void **state)
{
    static const char text[] = "SELECT '\xC3\xA9\xC3\xA9', x FROM t";
    int32_t line, column;
    sb_error err;
    sb_text out;

    (void)state;
    sb_sql_locate(text, strlen(text), 15, &line, &column);
    assert_int_equal(line, 1);
    assert_int_equal(column, 14);
    sb_error_clear(&err);
    (void)sb_error_set(&err, SB_STATUS_SEMANTIC, "f", 1, "m");
    sb_error_at(&err, 15, 16);
    sb_text_init(&out, sb_mem_root());
    sb_sql_report(&err, NULL, text, strlen(text), false, &out);
    assert_string_equal(out.data, "error: m\n  --> line 1, column 14\n 1 | SELECT "
                                  "'\xC3\xA9\xC3\xA9', x FROM t\n   |              ^\n");
    sb_text_deinit(&out);
}

/* A very long line is cut around the culprit. */
static void
report_long_line(void **state)
{
    char text[2001];
    sb_error err;
    sb_text out;

    (void)state;
    memset(text, 'a', 2000);
    text[2000] = '\0';
    sb_error_clear(&err);
    (void)sb_error_set(&err, SB_STATUS_SEMANTIC, "f", 1, "m");
    sb_error_at(&err, 1000, 1003);
    sb_text_init(&out, sb_mem_root());
    sb_sql_report(&err, NULL, text, strlen(text), false, &out);
    assert_true(out.size < 600);
    assert_non_null(strstr(out.data, "^^^\n"));
    sb_text_deinit(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_scripts),
        cmocka_unit_test(report_forms),
        cmocka_unit_test(report_utf8),
        cmocka_unit_test(report_long_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
