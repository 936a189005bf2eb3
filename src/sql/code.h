/*
 * sql/code.h -- the error codes of the SQL front end, one row each, and how an error with a place
 * in the text is made.
 *
 * DESIGN     SB1... the text does not parse; SB2... it parses and means nothing; SB3... known,
 *            but not supported; SB4... options. A code never changes its meaning; the last column
 *            is what `sabot help CODE` prints.
 * THREADS    T:any
 */
#ifndef SB_SQL_CODE_H
#define SB_SQL_CODE_H

#include "base/mem.h"
#include "base/status.h"

/* X(NAME, code, status, help) */
#define SB_SQL_CODES(X)                                                                           \
    X(SYNTAX, "SB1001", SYNTAX,                                                                   \
      "The text is not SQL at the marked place. The message names what was found and what could " \
      "stand there.")                                                                             \
    X(BAD_TOKEN, "SB1002", SYNTAX,                                                                \
      "A string, quoted name or comment is not closed, or a character has no meaning in SQL.")    \
    X(BAD_LITERAL, "SB1003", SYNTAX,                                                              \
      "A literal does not have the form of its type, e.g. DATE '2024-02-30'.")                    \
    X(TOO_DEEP, "SB1004", LIMIT, "The statement is nested too deeply or too large to be read.")   \
    X(TABLE_UNKNOWN, "SB2001", NOT_FOUND,                                                         \
      "No table, view or common table expression has this name.")                                 \
    X(COLUMN_UNKNOWN, "SB2002", NOT_FOUND,                                                        \
      "No column of the tables in FROM has this name. Names are case-sensitive.")                 \
    X(COLUMN_AMBIGUOUS, "SB2003", SEMANTIC,                                                       \
      "Several tables in FROM have a column of this name: qualify it.")                           \
    X(FUNCTION_UNKNOWN, "SB2004", NOT_FOUND, "No function has this name.")                        \
    X(TYPE, "SB2005", SEMANTIC, "The types do not fit the operator, function or column.")         \
    X(GROUPING, "SB2006", SEMANTIC,                                                               \
      "With GROUP BY or an aggregate every column must be grouped by or be inside an aggregate.") \
    X(AGGREGATE_PLACE, "SB2007", SEMANTIC, "An aggregate function may not stand here.")           \
    X(TABLE_EXISTS, "SB2008", EXISTS,                                                             \
      "A table or view of this name is there already: DROP it, or write IF NOT EXISTS.")          \
    X(COLUMN_COUNT, "SB2009", SEMANTIC, "The query does not give as many columns as are wanted.") \
    X(DUPLICATE, "SB2010", SEMANTIC, "A name is used twice where it must be unique.")             \
    X(TIME_ATTRIBUTE, "SB2011", SEMANTIC,                                                         \
      "A window needs an event-time attribute: a column that WATERMARK FOR names, or "            \
      "window_time.")                                                                             \
    X(WINDOW, "SB2012", SEMANTIC,                                                                 \
      "The window cannot be built as written, e.g. HOP sizes must be multiples of the slide.")    \
    X(TABLE_DEFINITION, "SB2013", SEMANTIC,                                                       \
      "CREATE TABLE contradicts itself: primary key, watermark or computed column.")              \
    X(NOT_WRITABLE, "SB2014", SEMANTIC, "The table or column cannot be written to.")              \
    X(SINK_CHANGES, "SB2015", SEMANTIC,                                                           \
      "The query updates its result and the table cannot take such changes.")                     \
    X(VALUE, "SB2016", SEMANTIC, "A value is out of range or has the wrong form.")                \
    X(NOT_A_TABLE, "SB2017", SEMANTIC,                                                            \
      "The statement is for tables and the name is a view, or the other way round.")              \
    X(FUNCTION, "SB2018", INVALID,                                                                \
      "A user function cannot be loaded or defined: its library or symbol is missing, it was "    \
      "made "                                                                                     \
      "for another version, or its descriptor is wrong.")                                         \
    X(MODULE, "SB2019", NOT_FOUND,                                                                \
      "The module is not there or not loaded, or is loaded already. The only one is core.")       \
    X(PARTITION, "SB2020", SEMANTIC,                                                              \
      "The table has no partitions, or the partition does not fit it, is there already or is "    \
      "not there.")                                                                               \
    X(UNSUPPORTED, "SB3001", NOT_SUPPORTED,                                                       \
      "Flink SQL knows this, sabot does not yet. See docs/gaps.md.")                              \
    X(OPTION, "SB4001", INVALID, "A table option or configuration value is wrong.")               \
    X(CONNECTOR, "SB4002", NOT_FOUND, "No connector or format of this name is in this build.")

typedef enum sb_sql_code {

#define X(name, code, status, help) SB_SQL_##name,
    SB_SQL_CODES(X)
#undef X
        SB_SQL_CODE_COUNT
} sb_sql_code;

/* Fills err with code, place and message and returns the code's status. */
sb_status sb_sql_error(sb_error *err, sb_sql_code code, int32_t begin, int32_t end, const char *fmt,
                       ...) __attribute__((format(printf, 5, 6)));
/* Gives an error that came from below a place and a code unless it has them. Returns its status. */
sb_status sb_sql_error_place(sb_error *err, sb_sql_code code, int32_t begin, int32_t end);
/* Puts 'table "name": ' before the message unless it names the table already. */
void sb_sql_error_table(sb_error *err, const char *name);

/* All errors of a script or a statement, in the order they were found. */
typedef struct sb_sql_errors {
    sb_mem *mem;
    sb_error *at;
    int32_t count, capacity;
    bool is_kept; /* of a statement: the error that is passed up is in the list already */
} sb_sql_errors;

#define SB_SQL_ERRORS_MAX           100 /* more are not kept */
#define SB_SQL_STATEMENT_ERRORS_MAX 20  /* of one statement */

void sb_sql_errors_init(sb_sql_errors *errors, sb_mem *mem);
void sb_sql_errors_deinit(sb_sql_errors *errors);
bool sb_sql_errors_add(sb_sql_errors *errors, const sb_error *err); /* false: no room */
/* The same unless an error with this place and message is there. */
bool sb_sql_errors_add_new(sb_sql_errors *errors, const sb_error *err);
/* In the order of their places; those without a place come last. */
void sb_sql_errors_sort(sb_sql_errors *errors);
void sb_sql_errors_clear(sb_sql_errors *errors);

/* "SB2002" -> its help; NULL: unknown. */
const char *sb_sql_code_help(const char *code);
/* Number of codes; name and help of the i-th. */
const char *sb_sql_code_at(int index, const char **out_help);

#endif
