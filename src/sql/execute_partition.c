/*
 * sql/execute_partition.c -- ALTER TABLE ADD and DROP PARTITION, SHOW PARTITIONS.
 *
 * DESIGN     As Flink's catalog in memory does it: partitions are entries of the catalog, which no
 *            connector looks at. One is a value for each column of PARTITIONED BY; the order in
 *            which it was written is only shown. Of several in one statement those before the one
 *            that fails are done.
 * OWNERSHIP  partitions lie in the arena of their table; ALTER TABLE copies them.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/session.h"

static sb_status
partition_value(sb_execution *x, const sb_ast_expr *value, const sb_ast_name *name,
                const char **out, sb_arena *arena)
{
    bool is_string = value != NULL && value->kind == SB_AST_STRING;

    if (value == NULL || (!is_string && value->kind != SB_AST_NUMBER)) {
        return sb_sql_error(x->err, SB_SQL_PARTITION, value != NULL ? value->begin : name->begin,
                            value != NULL ? value->end : name->end,
                            "the value of a partition is a text or a number");
    }
    *out = sb_arena_printf(arena, "%s%.*s", !is_string && value->negative ? "-" : "",
                           (int)value->text.size, value->text.data);
    if (*out == NULL) {
        SB_NOMEM(x->err);
    }
    return SB_OK;
}

/* Of a name that is there twice the last value counts. */
static sb_status
partition_read(sb_execution *x, const sb_ast_partition *ast, sb_arena *arena,
               sb_catalog_partition **out)
{
    sb_catalog_partition *p = SB_NEW(arena, sb_catalog_partition);

    if (p == NULL || (p->names = SB_NEW_ARRAY(arena, const char *, ast->count + 1)) == NULL ||
        (p->values = SB_NEW_ARRAY(arena, const char *, ast->count + 1)) == NULL) {
        SB_NOMEM(x->err);
    }
    for (int32_t i = 0; i < ast->count; i++) {
        int32_t at = 0;

        while (at < p->count && strcmp(p->names[at], ast->names[i].text) != 0) {
            at++;
        }
        p->names[at] = sb_arena_strdup(arena, ast->names[i].text);
        if (p->names[at] == NULL) {
            SB_NOMEM(x->err);
        }
        SB_TRY(partition_value(x, ast->values[i], &ast->names[i], &p->values[at], arena), x->err);
        p->count += at == p->count;
    }
    *out = p;
    return SB_OK;
}

/* Does `p` have all that `wanted` says? */
static bool
partition_matches(const sb_catalog_partition *p, const sb_catalog_partition *wanted)
{
    for (int32_t i = 0; i < wanted->count; i++) {
        bool found = false;

        for (int32_t j = 0; j < p->count; j++) {
            found |= strcmp(p->names[j], wanted->names[i]) == 0 &&
                     strcmp(p->values[j], wanted->values[i]) == 0;
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static sb_catalog_partition **
partition_find(sb_catalog_table *table, const sb_catalog_partition *wanted)
{
    sb_catalog_partition **at = &table->partitions;

    while (*at != NULL && !((*at)->count == wanted->count && partition_matches(*at, wanted))) {
        at = &(*at)->next;
    }
    return at;
}

/* A value for each column of PARTITIONED BY and nothing else. */
static bool
partition_is_whole(const sb_catalog_table *table, const sb_catalog_partition *p)
{
    for (int32_t i = 0; i < table->partition.count; i++) {
        bool found = false;

        for (int32_t j = 0; j < p->count; j++) {
            found |= strcmp(table->columns[table->partition.at[i]].name, p->names[j]) == 0;
        }
        if (!found) {
            return false;
        }
    }
    return p->count == table->partition.count;
}

static void
partition_print(const sb_catalog_partition *p, sb_text *out)
{
    for (int32_t i = 0; i < p->count; i++) {
        sb_text_printf(out, "%s%s=%s", i > 0 ? "/" : "", p->names[i], p->values[i]);
    }
}

static sb_status
partition_error(sb_execution *x, const sb_ast_partition *ast, const sb_catalog_table *table,
                const sb_catalog_partition *p, const char *what)
{
    sb_text text;
    sb_status status;

    sb_text_init(&text, x->session->mem);
    partition_print(p, &text);
    status = sb_sql_error(x->err, SB_SQL_PARTITION, ast->begin, ast->end,
                          "partition %s of table \"%s\" %s", text.data, table->name, what);
    sb_text_deinit(&text);
    return status;
}

static sb_status
partition_add(sb_execution *x, const sb_ast_statement *s, const sb_ast_partition *ast,
              sb_catalog_table *table)
{
    sb_catalog_partition *p, **at;

    SB_TRY(partition_read(x, ast, table->arena, &p), x->err);
    if (!partition_is_whole(table, p)) {
        sb_status status =
            partition_error(x, ast, table, p, "does not have the columns of PARTITIONED BY");
        sb_text text;

        sb_text_init(&text, x->session->mem);
        for (int32_t i = 0; i < table->partition.count; i++) {
            sb_text_printf(&text, "%s%s", i > 0 ? ", " : "",
                           table->columns[table->partition.at[i]].name);
        }
        sb_error_hint(x->err, "columns: %s", text.data);
        sb_text_deinit(&text);
        return status;
    }
    at = partition_find(table, p);
    if (*at == NULL) {
        *at = p;
    } else if (!s->cascade) { /* IF NOT EXISTS */
        return partition_error(x, ast, table, p, "exists already");
    }
    return SB_OK;
}

static sb_status
partition_drop(sb_execution *x, const sb_ast_statement *s, const sb_ast_partition *ast,
               sb_catalog_table *table)
{
    sb_catalog_partition *p, **at;

    SB_TRY(partition_read(x, ast, x->result->arena, &p), x->err);
    at = partition_find(table, p);
    if (*at != NULL) {
        *at = (*at)->next;
    } else if (!s->cascade) { /* IF EXISTS */
        return partition_error(x, ast, table, p, "does not exist");
    }
    return SB_OK;
}

static sb_status
partition_check_table(sb_execution *x, const sb_ast_statement *s, const sb_catalog_table *table)
{
    const sb_catalog_space *space = sb_catalog_find_space(&x->session->catalog, table->catalog);
    bool drops = s->kind == SB_AST_ALTER && s->alter == SB_AST_ALTER_DROP_PARTITIONS;

    if (table->temporary || (table->partition.count == 0 && !drops)) {
        return sb_sql_error(x->err, SB_SQL_PARTITION, s->name.begin, s->name.end,
                            table->temporary ? "\"%s\" is temporary and has no partitions"
                                             : "\"%s\" is not partitioned",
                            table->name);
    }
    if (space != NULL && space->store != NULL) {
        return sb_sql_error(x->err, SB_SQL_UNSUPPORTED, s->name.begin, s->name.end,
                            "not supported: partitions in a catalog of type '%s'", space->type);
    }
    return SB_OK;
}

sb_status
sb_execute_partitions(sb_execution *x, const sb_ast_statement *s, sb_catalog_table *table)
{
    bool add = s->alter == SB_AST_ALTER_ADD_PARTITIONS;

    SB_TRY(partition_check_table(x, s, table), x->err);
    for (int32_t i = 0; i < s->count_partitions; i++) {
        SB_TRY(add ? partition_add(x, s, s->partitions[i], table)
                   : partition_drop(x, s, s->partitions[i], table),
               x->err);
    }
    return sb_result_message(x, "table %s altered", table->name);
}

sb_status
sb_execute_show_partitions(sb_execution *x, const sb_ast_statement *s)
{
    static const char *const names[] = {"partition name"};
    const sb_catalog *catalog = &x->session->catalog;
    sb_catalog_partition none = {.count = 0}, *wanted = &none;
    const sb_catalog_table *table;
    sb_catalog_id id;

    SB_TRY(sb_catalog_resolve(catalog, &s->name, &id, x->err), x->err);
    table = sb_catalog_find(catalog, &id);
    if (table == NULL) {
        return sb_catalog_unknown(catalog, &id, s->name.begin, s->name.end, x->err);
    }
    SB_TRY(partition_check_table(x, s, table), x->err);
    if (s->count_partitions > 0) {
        SB_TRY(partition_read(x, s->partitions[0], x->result->arena, &wanted), x->err);
    }
    SB_TRY(sb_result_columns(x, names, 1), x->err);
    for (const sb_catalog_partition *p = table->partitions; p != NULL; p = p->next) {
        sb_text text;
        sb_status status = SB_OK;

        sb_text_init(&text, x->session->mem);
        partition_print(p, &text);
        if (partition_matches(p, wanted)) {
            const char *cells[] = {text.data};

            status = sb_result_row(x, cells);
        }
        sb_text_deinit(&text);
        SB_TRY(status, x->err);
    }
    return SB_OK;
}

sb_status
sb_partitions_copy(sb_execution *x, const sb_catalog_table *from, sb_catalog_table *to)
{
    sb_catalog_partition **last = &to->partitions;

    for (const sb_catalog_partition *p = from->partitions; p != NULL; p = p->next) {
        sb_catalog_partition *copy = SB_NEW(to->arena, sb_catalog_partition);

        if (copy == NULL ||
            (copy->names = SB_NEW_ARRAY(to->arena, const char *, p->count + 1)) == NULL ||
            (copy->values = SB_NEW_ARRAY(to->arena, const char *, p->count + 1)) == NULL) {
            SB_NOMEM(x->err);
        }
        for (; copy->count < p->count; copy->count++) {
            copy->names[copy->count] = sb_arena_strdup(to->arena, p->names[copy->count]);
            copy->values[copy->count] = sb_arena_strdup(to->arena, p->values[copy->count]);
            if (copy->names[copy->count] == NULL || copy->values[copy->count] == NULL) {
                SB_NOMEM(x->err);
            }
        }
        *last = copy;
        last = &copy->next;
    }
    return SB_OK;
}
