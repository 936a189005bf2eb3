/*
 * expr/json_path.h -- SQL/JSON paths: '$.a[0]', 'lax $.a', 'strict $..b'. Inside this folder only.
 *
 * DESIGN     The part of Jayway's JsonPath that Flink users write: members, positions, lists and
 * ranges of positions, *, .. and filters that compare (json_filter.c); no functions. A path whose
 * steps name one place is definite and gives that value; others give a list. Strict paths (the
 * default) fail where a place is missing; lax ones give nothing.
 * THREADS    T:task
 */
#ifndef SB_EXPR_JSON_PATH_H
#define SB_EXPR_JSON_PATH_H

#include "base/status.h"
#include "expr/json_doc.h"

#define SB_JSON_STEPS_MAX     64
#define SB_JSON_POSITIONS_MAX 16

typedef enum sb_json_step_kind {
    SB_JSON_STEP_NAME,
    SB_JSON_STEP_POSITIONS, /* one or several */
    SB_JSON_STEP_RANGE,     /* from : to */
    SB_JSON_STEP_ALL,       /* * */
    SB_JSON_STEP_DEEP,      /* .. before another step */
    SB_JSON_STEP_FILTER     /* [?(@.a == 1 && @.b > 'x')] */
} sb_json_step_kind;

typedef struct sb_json_step {
    uint8_t kind;                      /* sb_json_step_kind */
    bool has_from, has_to;             /* RANGE */
    int32_t count;                     /* POSITIONS */
    int32_t name, name_end;            /* NAME: bytes of `names` */
    int32_t at[SB_JSON_POSITIONS_MAX]; /* POSITIONS; RANGE: from, to */
} sb_json_step;

#define SB_JSON_TERMS_MAX 16
#define SB_JSON_PLACE_MAX 4

typedef enum sb_json_compare {
    SB_JSON_EQ,
    SB_JSON_NE,
    SB_JSON_LE,
    SB_JSON_GE,
    SB_JSON_LT,
    SB_JSON_GT
} sb_json_compare;

typedef struct sb_json_term { /* place op literal */
    uint8_t op;               /* sb_json_compare */
    uint8_t literal;          /* sb_jdoc_kind */
    bool starts_group;        /* behind ||: terms of one group must all hold */
    int32_t text, text_end;   /* of the literal: bytes of `names` */
    int32_t count;

    struct {
        bool by_name;
        int32_t at, end;        /* a name, or `at` is a position */
    } place[SB_JSON_PLACE_MAX]; /* from @ on */
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
    /* of the last look */
    int32_t *found; /* nodes */
    int32_t count_found, capacity_found;
    bool missing; /* strict: a place is not there */
    bool nothing; /* lax: a filter was to look into a scalar */
    sb_mem *mem;
} sb_json_path;

void sb_json_path_init(sb_json_path *p, sb_mem *mem);
void sb_json_path_deinit(sb_json_path *p);
/* Compiles unless it is the same as before. NOMEM only: p->broken, p->unsupported. */
sb_status sb_json_path_compile(sb_json_path *p, sb_str text, sb_error *err);
/* Finds the nodes; false: missing (strict). d->failed when out of memory. */
bool sb_json_path_find(sb_json_path *p, sb_jdoc *d);

/* Element of an array by position, from the end when negative; -1: none. */
int32_t sb_json_element(const sb_jdoc *d, int32_t array, int32_t at);

/* json_filter.c: what stands between ?( and )]; returns the place behind it, NULL: not
 * supported. */
const char *sb_json_filter_compile(sb_json_path *p, sb_json_step *step, const char *at,
                                   const char *end);
bool sb_json_filter_holds(const sb_json_path *p, const sb_json_step *step, sb_jdoc *d,
                          int32_t node);

#endif
