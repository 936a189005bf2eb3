/*
 * sql/user_function.h -- user functions of a session: entries of the catalog, loading, names.
 *
 * DESIGN     An entry is what CREATE FUNCTION says; its code is loaded when it is created, or, read
 *            from a catalog that is kept in a file, when it is first used. Names are kept in lower
 *            case: they are compared without case. A name without a place is, in this order: a
 *            temporary function of the system, a built-in one, a temporary one of the current
 *            database, one of the current database.
 * OWNERSHIP  The catalog owns the entries, the library of the engine the code.
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_USER_FUNCTION_H
#define SB_SQL_USER_FUNCTION_H

#include "expr/udf.h"
#include "sql/bind.h"

struct sb_catalog_function {
    struct sb_catalog_function *next;
    sb_arena *arena;
    const char *catalog, *database; /* NULL: of the system */
    const char *name;               /* lower case */
    bool temporary;
    const char *text; /* "libx.so:f" */
    sb_udf *udf;      /* NULL: not loaded yet */
};

#define SB_FUNCTION_SYMBOL "sabot_function" /* of a text without ':' */

/* The entry; NULL: none. catalog NULL: of the system. `name` in any case. */
sb_catalog_function *sb_catalog_function_find(const sb_catalog *catalog, const char *space,
                                              const char *database, const char *name,
                                              bool temporary);
/* Makes an entry, not in the catalog yet; NULL: out of memory. */
sb_catalog_function *sb_catalog_function_new(sb_catalog *catalog, const char *space,
                                             const char *database, const char *name,
                                             const char *text, bool temporary);
void sb_catalog_function_free(sb_catalog_function *function);
void sb_catalog_function_add(sb_catalog *catalog, sb_catalog_function *function);
void sb_catalog_function_drop(sb_catalog *catalog, sb_catalog_function *function);

/* The code of an entry. */
sb_status sb_user_function_load(sb_mem *mem, sb_udf_library *library, sb_catalog_function *function,
                                sb_error *err);
/* A descriptor under a name of the system, from the host program. */
sb_status sb_user_function_register(sb_mem *mem, sb_udf_library *library, const char *name,
                                    const sabot_function *def, sb_error *err);
/* What a call in SQL names: *out NULL: a built-in function, or none. Loads it. */
sb_status sb_user_function_find(sb_binder *b, const sb_ast_path *path, const sb_udf **out);
bool sb_user_function_is_name(const char *name); /* can it name a function? */
/* Is the name (one part) a built-in function, aggregates included? */
bool sb_user_function_is_builtin(const char *name);

/* bind_function.c. The call of a user function in an expression. */
sb_status sb_bind_user_call(sb_binder *b, const sb_scope *scope, const sb_udf *udf,
                            const sb_ast_expr *ast, sb_expr **out);

/* The arguments of a table function, cast and as one ROW, and the columns that it gives. `args` has
 * room for one. */
sb_status sb_bind_user_row(sb_binder *b, const sb_udf *udf, sb_expr **args, int32_t count,
                           const sb_schema **out_result, sb_expr **out);

#endif
