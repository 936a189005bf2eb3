/*
 * functions.c -- user functions in C for SQL: a scalar function, an aggregate, a table function.
 *
 *     cc -O2 -shared -fPIC functions.c -o libfunctions.so      (with -I for sabot's headers)
 *
 *     CREATE FUNCTION mask  AS 'libfunctions.so:mask'  LANGUAGE C;
 *     CREATE FUNCTION wavg  AS 'libfunctions.so:wavg'  LANGUAGE C;
 *     CREATE FUNCTION words AS 'libfunctions.so:words' LANGUAGE C;
 *
 *     SELECT mask('4111111111111111', 4);                          -- ************1111
 *     SELECT user, wavg(price, amount) FROM orders GROUP BY user;
 *     SELECT id, word FROM notes, LATERAL TABLE(words(text)) AS w (word, size);
 */
#include <sabot/arrow_help.h>
#include <sabot/function.h>

/* ---- scalar: mask(text, keep) -- all but the last `keep` bytes become '*' ---- */

static sabot_status
mask_call(void *state, const struct ArrowArray *arguments, struct ArrowArray *out,
          struct ArrowSchema *out_schema, sabot_function_context *context)
{
    const struct ArrowArray *texts = arguments->children[0], *keeps = arguments->children[1];
    sabot_column column;
    char masked[256];

    (void)state;
    if (!sabot_text_new(&column, "u", arguments->length)) {
        return SABOT_NOMEM;
    }
    for (int64_t i = 0; i < arguments->length; i++) {
        size_t size;
        const char *text = sabot_array_text(texts, i, &size);
        int32_t keep = sabot_array_i32(keeps, i);

        if (size > sizeof masked || keep < 0) {
            sabot_column_free(&column);
            context->row = i;
            strcpy(context->message, keep < 0 ? "a negative number of characters to keep"
                                              : "the text has more than 256 bytes");
            return SABOT_DATA;
        }
        for (size_t k = 0; k < size; k++) {
            masked[k] = k + (size_t)keep < size ? '*' : text[k];
        }
        if (!sabot_text_add(&column, i, masked, size)) {
            sabot_column_free(&column);
            return SABOT_NOMEM;
        }
    }
    return sabot_column_give(&column, out, out_schema) ? SABOT_OK : SABOT_NOMEM;
}

SABOT_FUNCTION_EXPORT const sabot_function *
mask(void)
{
    static const sabot_function function = {
        .abi_version = SABOT_FUNCTION_ABI,
        .kind = SABOT_FUNCTION_SCALAR,
        .struct_size = sizeof(sabot_function),
        .flags = SABOT_FUNCTION_DETERMINISTIC | SABOT_FUNCTION_STRICT,
        .arguments = "STRING, INT",
        .result = "STRING",
        .scalar = mask_call,
    };
    return &function;
}

/* ---- aggregate: wavg(value, weight) -- the weighted average; NULL without weight ---- */

typedef struct wavg_state { /* of one group: kept by the engine, also in checkpoints */
    double sum, weight;
} wavg_state;

static void
wavg_add(sabot_accumulator *groups, const struct ArrowArray *arguments, const int32_t *group_of,
         double sign)
{
    for (int64_t i = 0; i < arguments->length; i++) {
        wavg_state *group = groups[group_of[i]].data;
        double weight = sign * (double)sabot_array_i64(arguments->children[1], i);

        group->sum += sabot_array_f64(arguments->children[0], i) * weight;
        group->weight += weight;
    }
}

static sabot_status
wavg_accumulate(void *state, sabot_accumulator *groups, size_t count,
                const struct ArrowArray *arguments, const int32_t *group_of,
                sabot_function_context *context)
{
    (void)state, (void)count, (void)context;
    wavg_add(groups, arguments, group_of, 1);
    return SABOT_OK;
}

static sabot_status
wavg_retract(void *state, sabot_accumulator *groups, size_t count,
             const struct ArrowArray *arguments, const int32_t *group_of,
             sabot_function_context *context)
{
    (void)state, (void)count, (void)context;
    wavg_add(groups, arguments, group_of, -1);
    return SABOT_OK;
}

static sabot_status
wavg_merge(void *state, sabot_accumulator *into, const sabot_accumulator *from, size_t count,
           sabot_function_context *context)
{
    (void)state, (void)context;
    for (size_t i = 0; i < count; i++) {
        ((wavg_state *)into[i].data)->sum += ((const wavg_state *)from[i].data)->sum;
        ((wavg_state *)into[i].data)->weight += ((const wavg_state *)from[i].data)->weight;
    }
    return SABOT_OK;
}

static sabot_status
wavg_value(void *state, const sabot_accumulator *groups, size_t count, struct ArrowArray *out,
           struct ArrowSchema *out_schema, sabot_function_context *context)
{
    sabot_column column;

    (void)state, (void)context;
    if (!sabot_column_new(&column, "g", sizeof(double), (int64_t)count)) {
        return SABOT_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        const wavg_state *group = groups[i].data;

        if (group->weight != 0) {
            ((double *)column.values)[i] = group->sum / group->weight;
        } else if (!sabot_column_null(&column, (int64_t)i)) {
            sabot_column_free(&column);
            return SABOT_NOMEM;
        }
    }
    return sabot_column_give(&column, out, out_schema) ? SABOT_OK : SABOT_NOMEM;
}

SABOT_FUNCTION_EXPORT const sabot_function *
wavg(void)
{
    static const sabot_function function = {
        .abi_version = SABOT_FUNCTION_ABI,
        .kind = SABOT_FUNCTION_AGGREGATE,
        .struct_size = sizeof(sabot_function),
        .flags = SABOT_FUNCTION_DETERMINISTIC | SABOT_FUNCTION_STRICT,
        .state_version = 1,
        .arguments = "DOUBLE, BIGINT",
        .result = "DOUBLE",
        .accumulator_size = sizeof(wavg_state),
        .accumulate = wavg_accumulate,
        .retract = wavg_retract,
        .merge = wavg_merge,
        .value = wavg_value,
    };
    return &function;
}

/* ---- table function: words(text) -- a row for each word, with its size ---- */

/* The word that begins at or behind `at`; false: there is none. */
static bool
next_word(const char *text, size_t size, size_t *at, size_t *end)
{
    while (*at < size && text[*at] == ' ') {
        ++*at;
    }
    for (*end = *at; *end < size && text[*end] != ' '; ++*end) {
    }
    return *end > *at;
}

static sabot_status
words_call(void *state, sabot_table_call *call, sabot_function_context *context)
{
    sabot_column columns[2]; /* word, size */
    int64_t count = 0, row = call->first_row;
    bool ok = sabot_text_new(&columns[0], "u", call->max_rows);

    (void)state, (void)context;
    if (!ok || !sabot_column_new(&columns[1], "i", sizeof(int32_t), call->max_rows)) {
        sabot_column_free(&columns[0]);
        return SABOT_NOMEM;
    }
    for (; ok && row < call->arguments->length; row++) {
        size_t size, at = 0, end;
        const char *text = sabot_array_text(call->arguments->children[0], row, &size);
        int64_t skip = row == call->first_row ? call->skip : 0;

        for (; next_word(text, size, &at, &end); at = end) {
            if (skip-- > 0) {
                continue; /* given by an earlier call */
            }
            if (count == call->max_rows) {
                goto full; /* the rest of this row in the next call */
            }
            ok = ok && sabot_text_add(&columns[0], count, text + at, end - at);
            ((int32_t *)columns[1].values)[count] = (int32_t)(end - at);
            call->rows[count++] = (int32_t)row;
        }
    }
full:
    call->next_row = row;
    if (!ok) {
        sabot_column_free(&columns[0]);
        sabot_column_free(&columns[1]);
        return SABOT_NOMEM;
    }
    return sabot_columns_give(columns, 2, count, call->result, call->result_schema) ? SABOT_OK
                                                                                    : SABOT_NOMEM;
}

SABOT_FUNCTION_EXPORT const sabot_function *
words(void)
{
    static const sabot_function function = {
        .abi_version = SABOT_FUNCTION_ABI,
        .kind = SABOT_FUNCTION_TABLE,
        .struct_size = sizeof(sabot_function),
        .flags = SABOT_FUNCTION_DETERMINISTIC | SABOT_FUNCTION_STRICT,
        .arguments = "STRING",
        .result = "word STRING, size INT",
        .table = words_call,
    };
    return &function;
}
