/*
 * bench/functions_bench.c -- what SQL functions cost per row, without source and sink.
 *
 * Usage: bench_functions_bench FOLDER ROWS RUNS < expressions
 *
 * FOLDER/columns has a line "name type" per column, FOLDER/<name> its values: fixed-width ones as
 * they lie in memory, strings as ROWS + 1 offsets of 32 bits and then their bytes. For each line of
 * standard input, an SQL expression over these columns, one line of JSON comes back: the least CPU
 * time of the thread per row over RUNS runs, and what the values add up to (strings: their bytes),
 * so that a peer can be seen to have computed the same. bench/functions.py drives it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os/os.h"
#include "columnar/batch.h"
#include "expr/function.h"
#include "kernels/view.h"
#include "sql/bind.h"

enum { COLUMNS_MAX = 32, BATCHES_MAX = 4096, LINE = 4096, TYPE_TEXT = 256 };

static const struct {
    const char *name;
    sb_type type;
} type_names[] = {{"string", {.id = SB_TYPE_VARCHAR, .length = SB_LENGTH_MAX}},
                  {"int", {.id = SB_TYPE_INT}},
                  {"bigint", {.id = SB_TYPE_BIGINT}},
                  {"double", {.id = SB_TYPE_DOUBLE}},
                  {"date", {.id = SB_TYPE_DATE}},
                  {"timestamp3", {.id = SB_TYPE_TIMESTAMP, .precision = 3}},
                  {"timestamp", {.id = SB_TYPE_TIMESTAMP, .precision = 6}},
                  {"decimal", {.id = SB_TYPE_DECIMAL, .precision = 12, .scale = 2}}};

typedef struct bench {
    const char *folder;
    int32_t rows, runs, count_batches;
    sb_field fields[COLUMNS_MAX];
    sb_schema schema;
    char *values[COLUMNS_MAX]; /* of a column, all rows */
    sb_batch *batches[BATCHES_MAX];
    double total; /* of the last expression */
    int64_t count_valid;
} bench;

static sb_error err;

static void
must(bool done, const char *what)
{
    if (!done) {
        fprintf(stderr, "%s: %s %s\n", what, err.message, err.frames);
        exit(1);
    }
}

static void *
room(size_t size)
{
    void *p = malloc(size);
    must(p, "memory");
    return p;
}

/* ---- columns ---- */

static char *
read_file(const char *folder, const char *name, size_t *out_size)
{
    char path[LINE];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    must(file && fseek(file, 0, SEEK_END) == 0, path);
    *out_size = (size_t)ftell(file);
    rewind(file);
    char *data = room(*out_size + 1);
    must(fread(data, 1, *out_size, file) == *out_size, path);
    data[*out_size] = 0;
    fclose(file);
    return data;
}

/* Offsets and bytes as views. */
static char *
views_of(const char *data, int32_t rows)
{
    const int32_t *offsets = (const int32_t *)(const void *)data;
    const char *bytes = data + 4 * ((size_t)rows + 1);
    sb_view *views = room(sizeof *views * (size_t)rows);
    for (int32_t i = 0; i < rows; i++) {
        views[i] = sb_view_of(bytes + offsets[i], (uint32_t)(offsets[i + 1] - offsets[i]));
    }
    return (char *)views;
}

static void
read_column(bench *b, const char *name, const char *type_name)
{
    size_t size, width;
    sb_field *field = &b->fields[b->schema.count];
    must(b->schema.count < COLUMNS_MAX, "columns");
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++) {
        if (strcmp(type_names[i].name, type_name) == 0) {
            field->type = type_names[i].type;
        }
    }
    must(field->type.id != SB_TYPE_NULL, type_name);
    field->name = strdup(name);
    char *data = read_file(b->folder, name, &size);
    width = (size_t)sb_phys_size(sb_type_phys(&field->type));
    bool is_view = sb_type_phys(&field->type) == SB_PHYS_VIEW;
    must(size >= (is_view ? 4 : width) * (size_t)b->rows, name);
    b->values[b->schema.count++] = is_view ? views_of(data, b->rows) : data;
}

static void
read_columns(bench *b)
{
    size_t size;
    char name[64], type[64];
    int length;
    char *at = read_file(b->folder, "columns", &size);
    b->schema.fields = b->fields;
    while (sscanf(at, "%63s %63s\n%n", name, type, &length) == 2) {
        read_column(b, name, type);
        at += length;
    }
}

static void
make_batches(bench *b)
{
    sb_vector *columns[COLUMNS_MAX];
    for (int32_t from = 0; from < b->rows; from += SB_BATCH_ROWS) {
        int32_t count = b->rows - from < SB_BATCH_ROWS ? b->rows - from : SB_BATCH_ROWS;
        for (int32_t i = 0; i < b->schema.count; i++) {
            const sb_type *type = &b->fields[i].type;
            columns[i] = sb_vector_new(sb_mem_root(), type, count);
            must(columns[i], "memory");
            columns[i]->values =
                b->values[i] + (size_t)from * (size_t)sb_phys_size(sb_type_phys(type));
        }
        must(b->count_batches < BATCHES_MAX, "rows");
        b->batches[b->count_batches++] = sb_batch_new(sb_mem_root(), &b->schema, columns, count);
    }
}

/* ---- expressions ---- */

static sb_status
bind(bench *b, sb_arena *arena, const char *sql, sb_expr **out)
{
    char *text = sb_arena_printf(arena, "SELECT %s", sql);
    sb_ast_statement **statements;
    int32_t count = 0;
    sb_rel rel = {.schema = b->schema};
    sb_scope_table table = {.alias = "t", .count = b->schema.count};
    sb_scope scope = {.rel = &rel, .tables = &table, .count_tables = 1, .no_aggs = "a benchmark"};
    sb_binder binder = {.rel = {.arena = arena, .zone = "UTC", .err = &err}};
    sb_expr *bound;
    SB_TRY(sb_ast_parse(arena, text, (int32_t)strlen(text), &statements, &count, &err), &err);
    if (count != 1 || statements[0]->kind != SB_AST_QUERY) {
        SB_FAIL(&err, SB_STATUS_SYNTAX, "no expression");
    }
    const sb_ast_expr *ast = statements[0]->query->items[0].expr;
    SB_TRY(sb_bind_expr(&binder, &scope, ast, &bound), &err);
    return sb_expr_fold(arena, bound, "UTC", out, &err);
}

static double
number(const sb_type *type, const void *value)
{
    switch (sb_type_phys(type)) {
    case SB_PHYS_BOOL: return *(const uint8_t *)value;
    case SB_PHYS_F32: return *(const float *)value;
    case SB_PHYS_F64: return *(const double *)value;
    case SB_PHYS_VIEW: return sb_view_size(value);
    case SB_PHYS_LIST: return ((const sb_list_entry *)value)->count;
    case SB_PHYS_TSNS: return (double)((const sb_ts_ns *)value)->us;
    case SB_PHYS_STRUCT:
    case SB_PHYS_NULL: return 0;
    default: return (double)sb_exact_load(type, value);
    }
}

static void
add_up(bench *b, const sb_vector *v)
{
    for (int32_t r = 0; r < v->length; r++) {
        if (sb_vector_valid(v, r)) {
            b->total += number(v->type, sb_vector_at(v, r));
            b->count_valid++;
        }
    }
}

/* What stands between two looks at the clock when nothing is done: a look costs as much as some
 * expressions over a batch. */
static int64_t
clock_cost_ns(void)
{
    int64_t least = INT64_MAX;
    for (int i = 0; i < 1000; i++) {
        int64_t from = sb_thread_cpu_ns(), cost = sb_thread_cpu_ns() - from;
        least = cost < least ? cost : least;
    }
    return least;
}

/* Returns nanoseconds of the thread. */
static sb_status
run_all(bench *b, sb_eval *eval, bool count, int64_t *out_ns)
{
    static const sb_eval_context context = {.zone = "UTC"};
    sb_vector *out;
    b->total = 0;
    b->count_valid = 0;
    const int64_t cost = clock_cost_ns();
    *out_ns = 0;
    for (int32_t i = 0; i < b->count_batches; i++) {
        int64_t from = sb_thread_cpu_ns();
        SB_TRY(sb_eval_run(eval, b->batches[i], &context, &out, &err), &err);
        *out_ns += sb_thread_cpu_ns() - from - cost;
        if (count) {
            add_up(b, out);
        }
        from = sb_thread_cpu_ns();
        sb_vector_unref(out);
        *out_ns += sb_thread_cpu_ns() - from - cost;
    }
    return SB_OK;
}

static sb_status
measure(bench *b, sb_arena *arena, const char *sql)
{
    sb_expr *expr;
    sb_eval *eval;
    int64_t ns, least = INT64_MAX;
    SB_TRY(bind(b, arena, sql, &expr), &err);
    SB_TRY(sb_eval_new(sb_mem_root(), &b->schema, &expr, 1, "UTC", &eval, &err), &err);
    sb_status status = run_all(b, eval, true, &ns);
    double total = b->total;
    int64_t count_valid = b->count_valid;
    for (int32_t i = 0; status == SB_OK && i < b->runs; i++) {
        status = run_all(b, eval, false, &ns);
        least = ns < least ? ns : least;
    }
    sb_eval_free(eval);
    if (status == SB_OK) {
        printf("{\"ns\": %.3f, \"valid\": %lld, \"total\": %.17g}\n",
               (double)least / (double)b->rows, (long long)count_valid, total);
    }
    return status;
}

int
main(int argc, char **argv)
{
    static bench b;
    char line[LINE];
    if (argc == 1) {
        puts("bench/functions.py runs this");
        return 0;
    }
    must(argc == 4, "FOLDER ROWS RUNS");
    b.folder = argv[1];
    b.rows = atoi(argv[2]);
    b.runs = atoi(argv[3]);
    read_columns(&b);
    make_batches(&b);
    while (fgets(line, sizeof line, stdin)) {
        sb_arena *arena = sb_arena_new(sb_mem_root());
        err = (sb_error){0};
        must(arena, "memory");
        line[strcspn(line, "\n")] = 0;
        if (measure(&b, arena, line) != SB_OK) {
            for (char *at = err.message; *at; at++) {
                *at = (char)(*at == '"' || *at == '\\' || (unsigned char)*at < ' ' ? '\'' : *at);
            }
            printf("{\"error\": \"%s\"}\n", err.message);
        }
        fflush(stdout);
        sb_arena_free(arena);
    }
    return 0;
}
