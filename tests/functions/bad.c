/*
 * bad.c -- a library of user functions that cannot be loaded, each for a reason of its own, and of
 * functions whose code changes from one build to the next (-DSTATE=2).
 */
#include "sabot/arrow_help.h"
#include "sabot/function.h"

#ifndef STATE
#define STATE 1
#endif

static sabot_status
one(void *state, const struct ArrowArray *arguments, struct ArrowArray *out,
    struct ArrowSchema *schema, sabot_function_context *context)
{
    sabot_column column;

    (void)state, (void)context;
    if (!sabot_column_new(&column, "l", 8, arguments->length)) {
        return SABOT_NOMEM;
    }
    for (int64_t i = 0; i < arguments->length; i++) {
        ((int64_t *)column.values)[i] = RESULT;
    }
    return sabot_column_give(&column, out, schema) ? SABOT_OK : SABOT_NOMEM;
}

static sabot_status
count_rows(void *state, sabot_accumulator *groups, size_t count, const struct ArrowArray *arguments,
           const int32_t *group, sabot_function_context *context)
{
    (void)state, (void)count, (void)context;
    for (int64_t i = 0; i < arguments->length; i++) {
        ++*(int64_t *)groups[group[i]].data;
    }
    return SABOT_OK;
}

static sabot_status
count_value(void *state, const sabot_accumulator *groups, size_t count, struct ArrowArray *out,
            struct ArrowSchema *schema, sabot_function_context *context)
{
    sabot_column column;

    (void)state, (void)context;
    if (!sabot_column_new(&column, "l", 8, (int64_t)count)) {
        return SABOT_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        ((int64_t *)column.values)[i] = *(const int64_t *)groups[i].data;
    }
    return sabot_column_give(&column, out, schema) ? SABOT_OK : SABOT_NOMEM;
}

#define FUNCTION(symbol, abi, kind_, takes)                   \
    SABOT_FUNCTION_EXPORT const sabot_function *symbol(void); \
    SABOT_FUNCTION_EXPORT const sabot_function *symbol(void)  \
    {                                                         \
        static const sabot_function function = {              \
            .abi_version = (abi),                             \
            .kind = (kind_),                                  \
            .struct_size = sizeof(sabot_function),            \
            .flags = SABOT_FUNCTION_DETERMINISTIC,            \
            .state_version = STATE,                           \
            .arguments = (takes),                             \
            .result = "BIGINT",                               \
            .scalar = one,                                    \
            .accumulator_size = 8,                            \
            .accumulate = count_rows,                         \
            .value = count_value,                             \
        };                                                    \
        return &function;                                     \
    }

FUNCTION(sabot_functions, SABOT_FUNCTION_ABI, SABOT_FUNCTION_SCALAR, "BIGINT")
FUNCTION(other_version, SABOT_FUNCTION_ABI + 1, SABOT_FUNCTION_SCALAR, "BIGINT")
FUNCTION(unknown_kind, SABOT_FUNCTION_ABI, 12, "BIGINT")
FUNCTION(unknown_type, SABOT_FUNCTION_ABI, SABOT_FUNCTION_SCALAR, "BIGINT, HUGEINT")
FUNCTION(counted, SABOT_FUNCTION_ABI, SABOT_FUNCTION_AGGREGATE, "BIGINT")

SABOT_FUNCTION_EXPORT const sabot_function *no_descriptor(void);

SABOT_FUNCTION_EXPORT const sabot_function *
no_descriptor(void)
{
    return NULL;
}
