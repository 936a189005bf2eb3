/*
 * cli/topics.c -- PRINT and SHOW TOPICS: looking into topics of Apache Kafka.
 *
 * DESIGN     Statements of the program, not of SQL: PRINT goes on until it is stopped, so it has no
 *            place in a script that is checked as a whole. They are read with the tokens of SQL.
 * THREADS    the main thread
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/show.h"

enum { POLL_MS = 100, PROPERTIES_MAX = 64, TEXT_MAX = 65536 };

typedef struct reader {
    const char *text;
    size_t size, at;
    size_t begin, end; /* of the token that is next; begin == end: there is none */
    sabot_token kind;
    const char *usage;
} reader;

typedef struct statement {
    char *topic; /* NULL: SHOW TOPICS */
    bool from_beginning;
    int64_t limit; /* -1: none */
    sabot_option properties[PROPERTIES_MAX];
    size_t count;
} statement;

static const char print_usage[] = "PRINT 'topic' [FROM BEGINNING] [LIMIT n] "
                                  "[WITH ('properties.bootstrap.servers' = 'host:9092', ...)]";
static const char show_usage[] =
    "SHOW TOPICS [WITH ('properties.bootstrap.servers' = 'host:9092', ...)]";

/* ---- tokens ---- */

static void
next(reader *r)
{
    do {
        r->begin = r->end = r->size;
        if (!sabot_next_token(r->text, r->size, &r->at, &r->begin, &r->kind)) {
            r->begin = r->end = r->size;
            return;
        }
        r->end = r->at;
    } while (r->kind == SABOT_TOKEN_COMMENT);
}

static bool
is_word(const reader *r, const char *word)
{
    size_t size = r->end - r->begin;
    return (r->kind == SABOT_TOKEN_NAME || r->kind == SABOT_TOKEN_KEYWORD ||
            r->kind == SABOT_TOKEN_SYMBOL) &&
           size > 0 && size == strlen(word) && strncasecmp(r->text + r->begin, word, size) == 0;
}

static bool
take_word(reader *r, const char *word)
{
    bool is = is_word(r, word);
    if (is) {
        next(r);
    }
    return is;
}

static reader
read_from(const char *text, size_t size)
{
    reader r = {.text = text, .size = size};
    next(&r);
    return r;
}

static bool
complain(const reader *r, const char *wanted)
{
    if (r->begin == r->end || is_word(r, ";")) {
        fprintf(stderr, "error: %s is missing\n", wanted);
    } else {
        fprintf(stderr, "error: %s is wanted, not \"%.*s\"\n", wanted, (int)(r->end - r->begin),
                r->text + r->begin);
    }
    fprintf(stderr, "hint: %s\n", r->usage);
    return false;
}

/* 'a''b', `a` or a: without quotes; freed with free(). NULL after a message. */
static char *
take_text(reader *r, bool name, const char *wanted)
{
    bool quoted = r->kind == SABOT_TOKEN_STRING || (name && r->kind == SABOT_TOKEN_QUOTED_NAME);
    bool plain = name && (r->kind == SABOT_TOKEN_NAME || r->kind == SABOT_TOKEN_KEYWORD);
    char *out = NULL;
    if (r->begin == r->end || !(quoted || plain) || r->end - r->begin > TEXT_MAX) {
        (void)complain(r, wanted);
        return NULL;
    }
    out = calloc(r->end - r->begin + 1, 1);
    size_t size = 0;
    for (size_t i = r->begin + quoted; out && i < r->end - quoted; i++) {
        out[size++] = r->text[i];
        i += quoted && r->text[i] == r->text[r->begin]; /* doubled */
    }
    if (!out) {
        fputs("error: out of memory\n", stderr);
    }
    next(r);
    return out;
}

/* ---- statements ---- */

static bool
read_properties(reader *r, statement *s)
{
    if (!take_word(r, "(")) {
        return complain(r, "(");
    }
    do {
        if (s->count == PROPERTIES_MAX) {
            return complain(r, ")");
        }
        char *key = take_text(r, false, "a property in quotes");
        s->properties[s->count++].key = key;
        if (!key || (!take_word(r, "=") && !complain(r, "="))) {
            return false;
        }
        s->properties[s->count - 1].value = take_text(r, false, "a value in quotes");
        if (!s->properties[s->count - 1].value) {
            return false;
        }
    } while (take_word(r, ","));
    return take_word(r, ")") || complain(r, ")");
}

static bool
read_limit(reader *r, statement *s)
{
    char digits[24];
    size_t size = r->end - r->begin;
    if (size == 0 || size >= sizeof digits) {
        return complain(r, "a number of records");
    }
    memcpy(digits, r->text + r->begin, size);
    digits[size] = '\0';
    if (!sb_cli_parse_count(digits, 1, INT64_MAX, &s->limit)) {
        return complain(r, "a number of records");
    }
    next(r);
    return true;
}

static bool
read_statement(reader *r, statement *s)
{
    s->limit = -1;
    bool print = take_word(r, "PRINT");
    r->usage = print ? print_usage : show_usage;
    if (print) {
        s->topic = take_text(r, true, "the name of a topic");
        if (!s->topic) {
            return false;
        }
        if (take_word(r, "FROM")) {
            s->from_beginning = true;
            if (!take_word(r, "BEGINNING")) {
                return complain(r, "BEGINNING");
            }
        }
        if (take_word(r, "LIMIT") && !read_limit(r, s)) {
            return false;
        }
    } else {
        next(r); /* SHOW */
        next(r); /* TOPICS */
    }
    if (take_word(r, "WITH") && !read_properties(r, s)) {
        return false;
    }
    return r->begin == r->end || is_word(r, ";") || complain(r, "the end of the statement");
}

static void
free_statement(statement *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free((char *)(uintptr_t)s->properties[i].key);
        free((char *)(uintptr_t)s->properties[i].value);
    }
    free(s->topic);
}

bool
sb_cli_is_topics(const char *text, size_t size)
{
    reader r = read_from(text, size);
    return is_word(&r, "PRINT") || (take_word(&r, "SHOW") && is_word(&r, "TOPICS"));
}

/* ---- running ---- */

/* 2023-11-14T22:13:20.123Z */
static void
print_time(FILE *to, int64_t ms)
{
    int64_t days = ms / 86400000, rest = ms % 86400000;
    if (rest < 0) {
        rest += 86400000;
        days--;
    }
    /* the civil calendar, in eras of 400 years that begin with March */
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day = day_of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day + 2) / 153;
    fprintf(to, "%04lld-%02lld-%02lldT%02lld:%02lld:%02lld.%03lldZ",
            (long long)(year + era * 400 + (month >= 10)),
            (long long)(month < 10 ? month + 3 : month - 9),
            (long long)(day - (153 * month + 2) / 5 + 1), (long long)(rest / 3600000),
            (long long)(rest / 60000 % 60), (long long)(rest / 1000 % 60),
            (long long)(rest % 1000));
}

static void
print_record(FILE *to, const sabot_record *record)
{
    fprintf(to, "partition %d, offset %lld, ", (int)record->partition, (long long)record->offset);
    if (record->timestamp_ms == INT64_MIN) {
        fputs("no time", to);
    } else {
        print_time(to, record->timestamp_ms);
    }
    fprintf(to, ", key: %s, value: %s\n", record->key, record->value);
}

/* Until the limit or Ctrl-C. */
static int
print_topic(sabot_topic *topic, const statement *s, FILE *to)
{
    bool told = false;
    for (int64_t count = 0; s->limit < 0 || count < s->limit;) {
        const sabot_record *record = NULL;
        sabot_error *error = NULL;
        sabot_status status = sabot_topic_next(topic, POLL_MS, &record, &error);
        if (sb_cli_interrupted()) {
            return SB_EXIT_INTERRUPTED;
        }
        if (status == SABOT_TIMEOUT) {
            fflush(to); /* who waits for records gets them at once */
            continue;
        }
        if (status != SABOT_OK) {
            fflush(to);
            sb_cli_print_error(error);
            return SB_EXIT_ERROR;
        }
        if (!told) {
            fprintf(to, "key: %s; value: %s\n", record->key_formats, record->value_formats);
            told = true;
        }
        print_record(to, record);
        count++;
        if (ferror(to)) {
            fputs("error: cannot write the result\n", stderr);
            return SB_EXIT_ERROR;
        }
    }
    fflush(to);
    return SB_EXIT_OK;
}

static int
run_print(sabot_engine *engine, const sb_show *show, const statement *s)
{
    sabot_topic *topic = NULL;
    sabot_error *error = NULL;
    if (sabot_topic_open(engine, s->topic, s->properties, s->count, s->from_beginning, &topic,
                         &error) != SABOT_OK) {
        sb_cli_print_error(error);
        return SB_EXIT_ERROR;
    }
    if (show->messages && s->limit < 0) {
        fputs("Ctrl-C stops\n", stderr);
    }
    int code = print_topic(topic, s, show->print.to);
    sabot_topic_close(topic);
    return code;
}

static int
run_show(sabot_engine *engine, sb_show *show, const statement *s)
{
    sabot_result *result = NULL;
    sabot_error *error = NULL;
    if (sabot_topics(engine, s->properties, s->count, &result, &error) != SABOT_OK) {
        sb_cli_print_error(error);
        return SB_EXIT_ERROR;
    }
    int code = sb_show_result(show, result);
    sabot_result_free(result);
    return code;
}

int
sb_cli_topics(sabot_engine *engine, struct sb_show *show, const char *text, size_t size,
              size_t *out_size)
{
    statement s = {0};
    reader r = read_from(text, size);
    int code = SB_EXIT_ERROR;
    if (read_statement(&r, &s)) {
        code = s.topic ? run_print(engine, show, &s) : run_show(engine, show, &s);
    }
    free_statement(&s);
    *out_size = r.end;
    return code;
}
