/*
 * sql/bind_call.c -- functions that are not in the catalogue.
 *
 * DESIGN     Flink's functions that sabot lacks answer "not supported", so that nobody looks for
 *            a slip of the pen.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/bind.h"

/* Built-in functions of Flink 2.3 that are missing in the catalogue of expr. */
static const char *const call_flink[] = {
    "BITMAP_AND",        "BITMAP_ANDNOT", "BITMAP_BUILD",      "BITMAP_CARDINALITY",
    "BITMAP_FROM_BYTES", "BITMAP_OR",     "BITMAP_TO_ARRAY",   "BITMAP_TO_BYTES",
    "BITMAP_TO_STRING",  "BITMAP_XOR",    "CURRENT_WATERMARK", "OBJECT_OF",
    "OBJECT_UPDATE",     "PARSE_JSON",    "SOURCE_WATERMARK",  "TRY_PARSE_JSON",
};

sb_status
sb_bind_call_unknown(sb_binder *b, const sb_ast_expr *ast, sb_status status)
{
    int32_t end = ast->begin + (int32_t)strlen(ast->name);

    (void)status;
    if (end > ast->end) {
        end = ast->end;
    }
    for (size_t i = 0; i < sizeof(call_flink) / sizeof(call_flink[0]); i++) {
        if (strcmp(ast->name, call_flink[i]) == 0) {
            return sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, ast->begin, end,
                                "not supported: function %s", ast->name);
        }
    }
    return sb_sql_error_place(b->rel.err, SB_SQL_FUNCTION_UNKNOWN, ast->begin, end);
}
