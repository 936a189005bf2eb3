/*
 * expr/json_path.h -- SQL/JSON paths: '$.a[0]', 'lax $.a', 'strict $..b'. Inside this folder only.
 *
 * DESIGN     The part of Jayway's JsonPath that works in Flink: members, several of them,
 *            positions,
 * lists and ranges of positions, *, .., filters that compare (json_filter.c) and functions without
 * arguments at the end (json_function.c). A path whose steps name one place is definite and gives
 * that value; others give a list. Strict paths (the default) fail where a place is missing; lax
 * ones give nothing. What a path makes (functions, objects of several members) becomes nodes of the
 * document behind its own. What filters compare that does not depend on the item is looked up once
 * a document.
 * THREADS    T:task
 */
#ifndef SB_EXPR_JSON_PATH_H
#define SB_EXPR_JSON_PATH_H

#include "base/status.h"
#include "expr/json_doc.h"
#include "expr/regex.h"

#define SB_JSON_STEPS_MAX     64
#define SB_JSON_POSITIONS_MAX 16

typedef enum sb_json_step_kind {
    SB_JSON_STEP_NAME,
    SB_JSON_STEP_NAMES,     /* ['a','b'] */
    SB_JSON_STEP_POSITIONS, /* one or several */
    SB_JSON_STEP_RANGE,     /* from : to */
    SB_JSON_STEP_ALL,       /* * */
    SB_JSON_STEP_DEEP,      /* .. before another step */
    SB_JSON_STEP_FILTER,    /* [?(@.a == 1 && @.b > 'x')] */
    SB_JSON_STEP_FUNCTION   /* .length() */
} sb_json_step_kind;

typedef struct sb_json_step {
    uint8_t kind;                      /* sb_json_step_kind */
    bool has_from, has_to;             /* RANGE */
    int32_t count;                     /* POSITIONS, NAMES */
    int32_t name, name_end;            /* NAME: bytes of `names` */
    int32_t at[SB_JSON_POSITIONS_MAX]; /* POSITIONS; RANGE: from, to; NAMES: begin and end of each,
                                          bytes of `names`; FILTER: its term; FUNCTION: which,
                                          the argument of index() */
} sb_json_step;

typedef enum sb_json_function {
    SB_JSON_LENGTH,
    SB_JSON_SIZE, /* the same */
    SB_JSON_KEYS,
    SB_JSON_MIN,
    SB_JSON_MAX,
    SB_JSON_AVG,
    SB_JSON_SUM,
    SB_JSON_STDDEV,
    SB_JSON_FIRST,
    SB_JSON_LAST,
    SB_JSON_INDEX, /* the only one with an argument */
    SB_JSON_CONCAT
} sb_json_function;

#define SB_JSON_TERMS_MAX   48
#define SB_JSON_PLACE_MAX   8
#define SB_JSON_REGEXES_MAX 4

typedef enum sb_json_term_kind {
    SB_JSON_COMPARE, /* sides[0] op sides[1] */
    SB_JSON_AND,     /* of the terms left and right */
    SB_JSON_OR,
    SB_JSON_NOT /* left */
} sb_json_term_kind;

typedef enum sb_json_compare {
    SB_JSON_SAME,     /* === : equal and of one kind */
    SB_JSON_NOT_SAME, /* !== */
    SB_JSON_EQ,
    SB_JSON_NE,
    SB_JSON_LE,
    SB_JSON_GE,
    SB_JSON_MATCH, /* =~ : all of the text fits the regular expression */
    SB_JSON_LT,
    SB_JSON_GT
} sb_json_compare;

typedef enum sb_json_side_kind {
    SB_JSON_LITERAL,
    SB_JSON_FROM_ITEM,
    SB_JSON_FROM_ROOT
} sb_json_side_kind;

typedef enum sb_json_value_kind {
    SB_JSON_ABSENT,
    SB_JSON_NOTHING, /* null */
    SB_JSON_TRUTH,
    SB_JSON_NUMBER,
    SB_JSON_TEXT,
    SB_JSON_OTHER /* an array or object */
} sb_json_value_kind;

/* What filters compare. */
typedef struct sb_json_value {
    sb_json_value_kind kind;
    bool truth;  /* TRUTH */
    sb_str text; /* TEXT; NUMBER: as it is written */
} sb_json_value;

typedef struct sb_json_side {
    uint8_t kind;           /* sb_json_side_kind */
    uint8_t literal;        /* LITERAL: sb_jdoc_kind */
    int32_t text, text_end; /* LITERAL: bytes of `names` */
    int32_t count;
    int32_t function, argument; /* of what stands at the place; -1: none */
    int64_t look;               /* of which the value is `kept`; not FROM_ITEM */
    sb_json_value kept;         /* its text: where in p->kept */
    size_t kept_at;

    struct {
        bool by_name;
        int32_t at, end;        /* a name: bytes of `names`, or `at` is a position */
    } place[SB_JSON_PLACE_MAX]; /* from @ or $ on */
} sb_json_side;

typedef struct sb_json_term {
    uint8_t kind; /* sb_json_term_kind */
    uint8_t op;   /* COMPARE: sb_json_compare */
    int32_t left, right;
    int32_t regex; /* MATCH */
    sb_json_side sides[2];
} sb_json_term;

typedef struct sb_json_path {
    sb_text text;  /* what was compiled */
    sb_text names; /* of the steps */
    bool compiled, broken, unsupported;
    bool lax, definite;
    int32_t count;
    sb_json_step steps[SB_JSON_STEPS_MAX];
    int32_t count_terms;
    sb_json_term terms[SB_JSON_TERMS_MAX];
    int32_t count_regexes;
    sb_regex regexes[SB_JSON_REGEXES_MAX];
    /* of the last look */
    int64_t look;    /* counts the looks */
    sb_text made;    /* texts of nodes that functions made */
    sb_text side[2]; /* scratch of filters */
    sb_text kept;    /* texts of the sides of filters that are the same for all items */
    int32_t *found;  /* nodes */
    int32_t count_found, capacity_found;
    bool missing; /* strict: a place is not there */
    bool failed;  /* a function or filter has no answer, strict or not */
    sb_mem *mem;
} sb_json_path;

void sb_json_path_init(sb_json_path *p, sb_mem *mem);
void sb_json_path_deinit(sb_json_path *p);
/* Compiles unless it is the same as before. NOMEM only: p->broken, p->unsupported. */
sb_status sb_json_path_compile(sb_json_path *p, sb_str text, sb_error *err);
/* Finds the nodes; false: missing (strict), or failed. d->failed when out of memory. */
bool sb_json_path_find(sb_json_path *p, sb_jdoc *d);

/* Element of an array by position, from the end when negative; -1: none. */
int32_t sb_json_element(const sb_jdoc *d, int32_t array, int32_t at);

/* A text kept in `names`, as it is. */
void sb_json_keep(sb_json_path *p, const char *from, const char *to, int32_t *out_begin,
                  int32_t *out_end);
/* What stands between quotes, kept with its escapes undone; false: a \u without its digits. */
bool sb_json_keep_quoted(sb_json_path *p, const char *from, const char *to, int32_t *out_begin,
                         int32_t *out_end);

/* json_filter.c: what stands between ?( and )]; returns the place behind it, NULL: not
 * supported. */
const char *sb_json_filter_compile(sb_json_path *p, sb_json_step *step, const char *at,
                                   const char *end);
bool sb_json_filter_holds(sb_json_path *p, const sb_json_step *step, sb_jdoc *d, int32_t node);

/* json_number.c: a number as it is written, as Java's BigDecimal reads it. */
typedef struct sb_json_number {
    bool negative;
    const char *digits, *end; /* from the first that is not 0, with a point; NULL: it is zero */
    int64_t magnitude;        /* 0.1 has 0, 1 has 1, 10 has 2 */
} sb_json_number;

/* False: it is none. */
bool sb_json_number_read(sb_str text, sb_json_number *out);
int sb_json_number_compare(const sb_json_number *a, const sb_json_number *b);

/* json_function.c: behind the name of a function, from its opening bracket on; returns the place
 * behind the closing one, NULL: not supported. */
const char *sb_json_function_compile(sb_str name, const char *at, const char *end,
                                     int32_t *out_function, int32_t *out_argument);
/* The node of its result; -1: there is none, p->failed or d->failed. */
int32_t sb_json_function_call(sb_json_path *p, sb_jdoc *d, int32_t function, int32_t argument,
                              int32_t node);
/* Texts of nodes that functions made are where they are until more are made. */
void sb_json_function_settle(const sb_json_path *p, sb_jdoc *d, int32_t from);

#endif
