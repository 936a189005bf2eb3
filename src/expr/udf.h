/*
 * expr/udf.h -- user functions in C (sabot/function.h): what the engine keeps of one, the library
 * of all that are known, calls.
 *
 * DESIGN     An sb_udf is the checked copy of a descriptor, with its types; expressions point to
 *            the sb_function at its head. Plans name a function by its id and what it was
 *            (sb_udf_write); reading looks it up in the library that the reader is given
 *            (sb_reader.names), by identity inside one process, else by id. One that is not there
 *            becomes a function without code: such a plan can be shown and compared, and running it
 *            says what is missing.
 * OWNERSHIP  The library owns its functions until it is freed; plans and jobs must be gone before.
 * THREADS    A library and its functions T:any; an instance belongs to one task.
 */
#ifndef SB_EXPR_UDF_H
#define SB_EXPR_UDF_H

#include "expr/function.h"
#include "sabot/function.h"

#define SB_UDF_ARGS_MAX        64
#define SB_UDF_ACCUMULATOR_MAX (16 << 20) /* bytes */

typedef struct sb_udf {
    sb_function function; /* first: what expressions point to */
    sb_impl impl;
    uint64_t serial;       /* identity in this process; 0: a function without code */
    const char *id;        /* "f": of the system; "`c`.`d`.`f`": of a catalog */
    const char *origin;    /* "libx.so:f"; "": of the host program */
    const char *signature; /* "SCALAR (BIGINT, STRING) -> DOUBLE": what plans remember */
    sabot_function def;
    bool by_call;            /* types come from def.infer */
    int32_t count_args;      /* not by_call */
    const sb_field *args;    /* the last one repeats: SABOT_FUNCTION_VARIADIC */
    const sb_schema *result; /* one field; TABLE: the columns. NULL: by_call */
    bool dropped;            /* no SQL name leads to it any more; guarded by the library */
    sb_arena *arena;         /* of all this; NULL: of a plan */
    struct sb_udf *next;
} sb_udf;

/* What sql makes of a descriptor. Everything is copied but `def`'s code and `user`. */
typedef struct sb_udf_spec {
    const char *name, *id, *origin;
    const sabot_function *def;      /* checked by sb_udf_check */
    const sb_schema *args, *result; /* NULL: by call */
} sb_udf_spec;

typedef struct sb_udf_library sb_udf_library;

sb_udf_library *sb_udf_library_new(sb_mem *mem); /* NULL: out of memory */
void sb_udf_library_free(sb_udf_library *library);
/* Version, size, kind and callbacks of a descriptor: INVALID says what is wrong. *out is a copy,
 * zero where an older one ends. */
sb_status sb_udf_check(const sabot_function *def, sabot_function *out, sb_error *err);
/* The function of this id, origin and types, made if there is none; it is found by its id from now
 * on. */
sb_status sb_udf_add(sb_udf_library *library, const sb_udf_spec *spec, sb_udf **out, sb_error *err);
void sb_udf_drop(sb_udf_library *library, sb_udf *udf); /* names another or nothing now */

/* A function of the host program by its name, in any case; NULL: none. */
const sb_udf *sb_udf_of_system(sb_udf_library *library, const char *name);
/* The i-th of them, for lists; NULL behind the last. */
const sb_udf *sb_udf_system_at(sb_udf_library *library, int32_t index);

/* The user function behind an expression's function; NULL: a built-in one. */
const sb_udf *sb_udf_of(const sb_function *function);

static inline bool
sb_udf_is(const sb_udf *udf, sabot_function_kind kind)
{
    return udf->def.kind == (uint32_t)kind;
}

/* In plans. */
void sb_udf_write(sb_writer *w, const sb_udf *udf);
/* CONFLICT: the function of that name is another one now. */
sb_status sb_udf_read(sb_reader *r, sb_arena *arena, const sb_udf **out, sb_error *err);

/* NOT_SUPPORTED: a function may not make values of such a type, whose bytes have a form. */
sb_status sb_udf_check_result(const sb_schema *result, sb_error *err);
/* Casts arguments (in place) and gives the types of the result. SEMANTIC: they do not fit. */
sb_status sb_udf_bind(sb_arena *arena, const sb_udf *udf, sb_expr **args, int32_t count,
                      const sb_schema **out_result, sb_error *err);
/* The call of a SCALAR function; `args` is copied. */
sb_status sb_udf_scalar(sb_arena *arena, const sb_udf *udf, sb_expr *const *args, int32_t count,
                        sb_expr **out, sb_error *err);

/* ---- running ---- */

typedef struct sb_udf_instance {
    const sb_udf *udf;
    sb_mem *mem;
    sb_arena *arena;
    void *state;
    bool is_open;
    sb_schema args, result; /* types as bound; children are the caller's */
    /* of results that come without a schema; release NULL: none */
    struct ArrowSchema result_formats;
    sabot_function_context context;
    int32_t position, position_end; /* of the call in the SQL text; -1: none */
} sb_udf_instance;

/* `args` and `result` (count fields each) must live as long as the instance and what it returns. */
sb_status sb_udf_open(const sb_udf *udf, sb_mem *mem, const sb_schema *args,
                      const sb_schema *result, const char *zone, sb_udf_instance **out,
                      sb_error *err);
void sb_udf_close(sb_udf_instance *self); /* NULL is fine */
/* The context, cleared, for one callback. */
sabot_function_context *sb_udf_context(sb_udf_instance *self);
/* What a callback that returned `status` left: SB_OK, or the job's error. */
sb_status sb_udf_status(sb_udf_instance *self, sabot_status status, sb_error *err);
/* Arguments for a callback, to be released by sb_udf_release: columns[i] at rows[0..count) (NULL:
 * the first `count`). There may be more columns than arguments. */
sb_status sb_udf_arguments(sb_udf_instance *self, sb_vector *const *columns, const int32_t *rows,
                           int32_t count, struct ArrowArray *out, sb_error *err);
/* A result: checked, and taken over in any case. out: one vector per field of the result, `count`
 * long. `array` is the column itself, of a TABLE function the struct of all. */
sb_status sb_udf_take(sb_udf_instance *self, struct ArrowArray *array, struct ArrowSchema *schema,
                      int64_t count, sb_vector **out, sb_error *err);
void sb_udf_release(struct ArrowArray *array, struct ArrowSchema *schema); /* NULLs are fine */
/* Rows (of rows[0..count), NULL: the first `count`) that the function is called for: all, or those
 * without a NULL argument if it is STRICT. Gives their number, and their places in `rows` in
 * out_places when it is less than `count`. */
int32_t sb_udf_rows(const sb_udf_instance *self, sb_vector *const *columns, const int32_t *rows,
                    int32_t count, int32_t *out_places);

#endif
