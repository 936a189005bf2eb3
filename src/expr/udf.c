/*
 * expr/udf.c -- descriptors of user functions, the library of them, their names in plans.
 *
 * THREADS    T:any
 */
#include "expr/udf.h"

#include <stdatomic.h>
#include <string.h>

#include "base/os/os.h"
#include "expr/udf_priv.h"

struct sb_udf_library {
    sb_mem *mem;
    sb_mutex *mutex; /* guards the list and `dropped` */
    sb_udf *first;   /* the newest first */
};

/* ---- descriptors ---- */

static sb_status
check_callbacks(const sabot_function *def, sb_error *err)
{
    switch (def->kind) {
    case SABOT_FUNCTION_SCALAR:
        if (!def->scalar) {
            SB_FAIL(err, SB_STATUS_INVALID, "a SCALAR function needs `scalar`");
        }
        return SB_OK;
    case SABOT_FUNCTION_AGGREGATE:
        if (!def->accumulate || !def->value) {
            SB_FAIL(err, SB_STATUS_INVALID, "an AGGREGATE function needs `accumulate` and `value`");
        }
        if (def->accumulator_size > SB_UDF_ACCUMULATOR_MAX) {
            SB_FAIL(err, SB_STATUS_LIMIT, "accumulators of %zu bytes: more than %d",
                    def->accumulator_size, SB_UDF_ACCUMULATOR_MAX);
        }
        return SB_OK;
    case SABOT_FUNCTION_TABLE:
        if (!def->table) {
            SB_FAIL(err, SB_STATUS_INVALID, "a TABLE function needs `table`");
        }
        return SB_OK;
    default: SB_FAIL(err, SB_STATUS_INVALID, "unknown kind of function %u", def->kind);
    }
}

sb_status
sb_udf_check(const sabot_function *def, sabot_function *out, sb_error *err)
{
    if (!def) {
        SB_FAIL(err, SB_STATUS_INVALID, "the function is not available: there is no descriptor");
    }
    if (def->abi_version != SABOT_FUNCTION_ABI) {
        sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                     "made for version %u of the function interface, this program has %d",
                     def->abi_version, SABOT_FUNCTION_ABI);
        sb_error_hint(err, "compile it with this program's sabot/function.h");
        return SB_STATUS_INVALID;
    }
    size_t least = offsetof(sabot_function, table) + sizeof def->table;
    if (def->struct_size < least) {
        SB_FAIL(err, SB_STATUS_INVALID,
                "struct_size %zu is smaller than the %zu bytes of the first version",
                def->struct_size, least);
    }
    memset(out, 0, sizeof *out);
    memcpy(out, def, def->struct_size < sizeof *out ? def->struct_size : sizeof *out);
    return check_callbacks(out, err);
}

static void
print_types(const sb_schema *types, bool names, sb_text *out)
{
    for (int32_t i = 0; i < types->count; i++) {
        sb_text_add(out, i > 0 ? ", " : "");
        if (names) {
            sb_text_printf(out, "%s ", types->fields[i].name);
        }
        sb_type_print(&types->fields[i].type, out);
    }
}

static const char *
kind_name(uint32_t kind)
{
    return kind == SABOT_FUNCTION_SCALAR      ? "SCALAR"
           : kind == SABOT_FUNCTION_AGGREGATE ? "AGGREGATE"
                                              : "TABLE";
}

/* Names of columns are not part of it: results are used by their place. */
static char *
make_signature(sb_arena *arena, const sb_udf_spec *spec)
{
    bool table = spec->def->kind == SABOT_FUNCTION_TABLE;
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    sb_text_printf(&text, "%s (", kind_name(spec->def->kind));
    if (spec->args) {
        print_types(spec->args, false, &text);
        sb_text_add(&text, spec->def->flags & SABOT_FUNCTION_VARIADIC ? ", ...) -> " : ") -> ");
        sb_text_add(&text, table ? "(" : "");
        print_types(spec->result, table, &text);
        sb_text_add(&text, table ? ")" : "");
    } else {
        sb_text_add(&text, "...) -> by its arguments");
    }
    if (spec->def->kind == SABOT_FUNCTION_AGGREGATE) {
        sb_text_printf(&text, ", state version %u", spec->def->state_version);
    }
    char *copy = sb_text_failed(&text) ? NULL : sb_arena_strdup(arena, text.data);
    sb_text_deinit(&text);
    return copy;
}

static void
fill_function(sb_udf *udf, const char *name)
{
    uint32_t flags = SB_FN_USER | SB_FN_CAN_FAIL;
    if (!(udf->def.flags & SABOT_FUNCTION_DETERMINISTIC)) {
        flags |= SB_FN_PER_RECORD | SB_FN_PER_ROW;
    }
    if (!(udf->def.flags & SABOT_FUNCTION_STRICT)) {
        flags |= SB_FN_OWN_NULLS;
    }
    udf->impl = sb_udf_impl;
    udf->function = (sb_function){.name = name,
                                  .args = "",
                                  .result = "a",
                                  .flags = flags,
                                  .impl = &udf->impl,
                                  .doc = "user function",
                                  .category = SB_CATEGORY_CONVERSION};
}

static sb_status
fill_udf(sb_udf *udf, const sb_udf_spec *spec, sb_error *err)
{
    static _Atomic uint64_t next_serial = 1;
    const char *name = sb_arena_strdup(udf->arena, spec->name);
    sb_schema *result = NULL, *args = NULL;
    udf->id = sb_arena_strdup(udf->arena, spec->id);
    udf->origin = sb_arena_strdup(udf->arena, spec->origin);
    udf->signature = make_signature(udf->arena, spec);
    if (!name || !udf->id || !udf->origin || !udf->signature) {
        SB_NOMEM(err);
    }
    udf->def = *spec->def;
    udf->by_call = spec->args == NULL;
    if (!udf->by_call) {
        SB_TRY(sb_schema_copy(udf->arena, spec->args, &args, err), err);
        SB_TRY(sb_schema_copy(udf->arena, spec->result, &result, err), err);
        udf->count_args = args->count;
        udf->args = args->fields;
        udf->result = result;
    }
    fill_function(udf, name);
    udf->serial = atomic_fetch_add(&next_serial, 1);
    return SB_OK;
}

/* ---- library ---- */

sb_udf_library *
sb_udf_library_new(sb_mem *mem)
{
    sb_udf_library *library = sb_alloc_zero(mem, sizeof *library);
    if (!library) {
        return NULL;
    }
    library->mem = mem;
    library->mutex = sb_mutex_new();
    if (!library->mutex) {
        sb_free(mem, library, sizeof *library);
        return NULL;
    }
    return library;
}

void
sb_udf_library_free(sb_udf_library *library)
{
    if (!library) {
        return;
    }
    while (library->first) {
        sb_udf *udf = library->first;
        library->first = udf->next;
        if (udf->def.release && udf->origin[0] == '\0') {
            udf->def.release(udf->def.user);
        }
        sb_arena_free(udf->arena);
    }
    sb_mutex_free(library->mutex);
    sb_free(library->mem, library, sizeof *library);
}

/* The same code under the same name. */
static bool
is_same(const sb_udf *a, const sb_udf *b)
{
    return strcmp(a->id, b->id) == 0 && strcmp(a->origin, b->origin) == 0 &&
           strcmp(a->signature, b->signature) == 0 && a->def.user == b->def.user &&
           a->def.flags == b->def.flags && a->def.scalar == b->def.scalar &&
           a->def.accumulate == b->def.accumulate && a->def.table == b->def.table;
}

/* Puts `made` at the head of the list, or one that is the same. */
static sb_udf *
list_front(sb_udf_library *library, sb_udf *made)
{
    for (sb_udf **at = &library->first; *at; at = &(*at)->next) {
        sb_udf *old = *at;
        if (is_same(old, made)) {
            *at = old->next;
            old->next = library->first;
            library->first = old;
            old->dropped = false;
            return old;
        }
    }
    made->next = library->first;
    library->first = made;
    return made;
}

sb_status
sb_udf_add(sb_udf_library *library, const sb_udf_spec *spec, sb_udf **out, sb_error *err)
{
    sb_arena *arena = sb_arena_new(library->mem);
    sb_udf *udf = arena ? SB_NEW(arena, sb_udf) : NULL;
    if (!udf) {
        sb_arena_free(arena);
        SB_NOMEM(err);
    }
    udf->arena = arena;
    sb_status status = fill_udf(udf, spec, err);
    if (status != SB_OK) {
        sb_arena_free(arena);
        return status;
    }
    sb_mutex_lock(library->mutex);
    *out = list_front(library, udf);
    sb_mutex_unlock(library->mutex);
    if (*out != udf) {
        sb_arena_free(arena);
    }
    return SB_OK;
}

void
sb_udf_drop(sb_udf_library *library, sb_udf *udf)
{
    sb_mutex_lock(library->mutex);
    udf->dropped = true;
    sb_mutex_unlock(library->mutex);
}

/* By identity, or by name: the newest that still has it, else the newest. */
static sb_udf *
find(sb_udf_library *library, uint64_t serial, const char *id)
{
    sb_udf *found = NULL;
    sb_mutex_lock(library->mutex);
    for (sb_udf *udf = library->first; udf; udf = udf->next) {
        if (serial > 0 ? udf->serial == serial : strcmp(udf->id, id) == 0) {
            found = !found || (found->dropped && !udf->dropped) ? udf : found;
        }
    }
    sb_mutex_unlock(library->mutex);
    return found;
}

static const sb_udf *
find_system(sb_udf_library *library, const char *name, int32_t index)
{
    const sb_udf *found = NULL;
    sb_mutex_lock(library->mutex);
    for (const sb_udf *udf = library->first; udf && !found; udf = udf->next) {
        bool fits = !udf->dropped && udf->origin[0] == '\0';
        if (fits &&
            (name ? sb_str_equal_nocase(sb_str_of(udf->id), sb_str_of(name)) : index-- == 0)) {
            found = udf;
        }
    }
    sb_mutex_unlock(library->mutex);
    return found;
}

const sb_udf *
sb_udf_of_system(sb_udf_library *library, const char *name)
{
    return find_system(library, name, 0);
}

const sb_udf *
sb_udf_system_at(sb_udf_library *library, int32_t index)
{
    return find_system(library, NULL, index);
}

const sb_udf *
sb_udf_of(const sb_function *function)
{
    return function->flags & SB_FN_USER ? (const sb_udf *)(const void *)function : NULL;
}

/* ---- in plans ---- */

void
sb_udf_write(sb_writer *w, const sb_udf *udf)
{
    sb_write_u64(w, w->is_copy ? udf->serial : 0);
    sb_write_cstr(w, udf->id);
    sb_write_cstr(w, udf->function.name);
    sb_write_cstr(w, udf->signature);
    sb_write_u8(w, (uint8_t)udf->def.kind);
}

/* A function without code. */
static sb_status
read_absent(sb_arena *arena, const char *id, const char *name, const char *signature, uint8_t kind,
            const sb_udf **out, sb_error *err)
{
    sb_udf *udf = SB_NEW(arena, sb_udf);
    if (!udf) {
        SB_NOMEM(err);
    }
    udf->id = id;
    udf->origin = "";
    udf->signature = signature;
    udf->def.kind = kind;
    udf->by_call = true;
    fill_function(udf, name);
    *out = udf;
    return SB_OK;
}

sb_status
sb_udf_read(sb_reader *r, sb_arena *arena, const sb_udf **out, sb_error *err)
{
    uint64_t serial = sb_read_u64(r);
    const char *id = sb_read_cstr(r, arena), *name = sb_read_cstr(r, arena);
    const char *signature = sb_read_cstr(r, arena);
    uint8_t kind = sb_read_u8(r);
    SB_TRY(sb_reader_done(r, "user function", err), err);
    if (!id || !name || !signature || kind < SABOT_FUNCTION_SCALAR || kind > SABOT_FUNCTION_TABLE) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "plan: user function is not valid");
    }
    const sb_udf *udf = r->names ? find(r->names, serial, id) : NULL;
    if (!udf) {
        return read_absent(arena, id, name, signature, kind, out, err);
    }
    if (strcmp(udf->signature, signature) != 0) {
        sb_error_set(err, SB_STATUS_CONFLICT, __FILE__, __LINE__,
                     "user function %.100s has changed: it was %.300s, and is now %.300s", id,
                     signature, udf->signature);
        sb_error_hint(err, "bring the function of before back, or begin with an empty state");
        return SB_STATUS_CONFLICT;
    }
    *out = udf;
    return SB_OK;
}
