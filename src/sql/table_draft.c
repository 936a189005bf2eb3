/*
 * sql/table_draft.c -- a table definition as pieces of text.
 *
 * THREADS    one thread at a time.
 */
#include "sql/table_draft.h"

#include <string.h>

#include "sql/code.h"
#include "sql/print.h"

static void
draft_quoted(sb_text *out, const char *name)
{
    sb_text_char(out, '`');
    for (; *name != '\0'; name++) {
        if (*name == '`') {
            sb_text_char(out, '`');
        }
        sb_text_char(out, *name);
    }
    sb_text_char(out, '`');
}

/* A text that is built aside, kept in the arena. */
static const char *
draft_keep(sb_table_draft *draft, sb_text *text)
{
    const char *copy =
        sb_text_failed(text) ? NULL : sb_arena_strndup(draft->arena, text->data, text->size);

    sb_text_deinit(text);
    return copy;
}

/* ---- from a table ---- */

static const char *
draft_column_text(sb_table_draft *draft, const sb_catalog_column *column)
{
    sb_text out;

    sb_text_init(&out, sb_mem_root());
    if (column->kind == SB_AST_COLUMN_COMPUTED) {
        sb_text_printf(&out, "AS %s", column->expr_text);
    } else {
        sb_type_print(&column->type, &out);
    }
    if (column->kind == SB_AST_COLUMN_METADATA) {
        sb_text_add(&out, " METADATA");
        if (strcmp(column->metadata_key, column->name) != 0) {
            sb_text_add(&out, " FROM ");
            sb_sql_print_string(column->metadata_key, &out);
        }
        sb_text_add(&out, column->is_virtual ? " VIRTUAL" : "");
    }
    if (column->comment != NULL) {
        sb_text_add(&out, " COMMENT ");
        sb_sql_print_string(column->comment, &out);
    }
    return draft_keep(draft, &out);
}

static sb_status
draft_names(sb_table_draft *draft, const sb_catalog_table *table, const sb_columns *columns,
            const char ***out, int32_t *out_count, sb_error *err)
{
    *out = SB_NEW_ARRAY(draft->arena, const char *, columns->count + 1);
    if (*out == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < columns->count; i++) {
        (*out)[i] = sb_arena_strdup(draft->arena, table->columns[columns->at[i]].name);
        if ((*out)[i] == NULL) {
            SB_NOMEM(err);
        }
    }
    *out_count = columns->count;
    return SB_OK;
}

static const char *
draft_copy(sb_table_draft *draft, const char *text)
{
    return text != NULL ? sb_arena_strdup(draft->arena, text) : NULL;
}

sb_status
sb_draft_of_table(sb_arena *arena, const sb_catalog_table *table, sb_table_draft *out,
                  sb_error *err)
{
    *out = (sb_table_draft){.arena = arena};
    for (int32_t i = 0; i < table->count_columns; i++) {
        sb_draft_column column = {.name = sb_arena_strdup(arena, table->columns[i].name),
                                  .text = draft_column_text(out, &table->columns[i]),
                                  .kind = table->columns[i].kind};

        if (column.name == NULL || column.text == NULL) {
            SB_NOMEM(err);
        }
        SB_TRY(sb_draft_insert(out, out->count, &column, err), err);
    }
    if (table->watermark != NULL) {
        out->watermark_column = draft_copy(out, table->columns[table->watermark_column].name);
        out->watermark = draft_copy(out, table->watermark_text);
    }
    SB_TRY(draft_names(out, table, &table->keys, &out->keys, &out->count_keys, err), err);
    SB_TRY(draft_names(out, table, &table->partition, &out->partition, &out->count_partition, err),
           err);
    out->constraint = draft_copy(out, table->constraint);
    out->comment = draft_copy(out, table->comment);
    out->distribution = draft_copy(out, table->distribution);
    for (int32_t i = 0; i < table->options.count; i++) {
        SB_TRY(sb_draft_set_option(out, table->options.at[i].key, table->options.at[i].value, err),
               err);
    }
    return SB_OK;
}

/* ---- to text ---- */

static void
draft_print_names(sb_text *out, const char *const *names, int32_t count)
{
    sb_text_char(out, '(');
    for (int32_t i = 0; i < count; i++) {
        sb_text_add(out, i > 0 ? ", " : "");
        draft_quoted(out, names[i]);
    }
    sb_text_char(out, ')');
}

void
sb_draft_print_distribution(const sb_ast_distribution *distribution, sb_text *out)
{
    if (distribution->count_columns > 0) {
        sb_text_printf(out, "BY %s(", distribution->kind != NULL ? distribution->kind : "");
        for (int32_t i = 0; i < distribution->count_columns; i++) {
            sb_text_add(out, i > 0 ? ", " : "");
            draft_quoted(out, distribution->columns[i].text);
        }
        sb_text_char(out, ')');
    }
    if (distribution->buckets > 0) {
        sb_text_printf(out, "%sINTO %lld BUCKETS", distribution->count_columns > 0 ? " " : "",
                       (long long)distribution->buckets);
    }
}

static void
draft_print_options(const sb_table_draft *draft, sb_text *out)
{
    if (draft->options.count == 0) {
        return;
    }
    sb_text_add(out, "\nWITH (\n");
    for (int32_t i = 0; i < draft->options.count; i++) {
        sb_text_add(out, i > 0 ? ",\n  " : "  ");
        sb_sql_print_string(draft->options.at[i].key, out);
        sb_text_add(out, " = ");
        sb_sql_print_string(draft->options.at[i].value, out);
    }
    sb_text_add(out, "\n)");
}

void
sb_draft_print(const sb_table_draft *draft, bool temporary, const char *name, sb_text *out)
{
    sb_text_printf(out, "CREATE %sTABLE %s (\n", temporary ? "TEMPORARY " : "", name);
    for (int32_t i = 0; i < draft->count; i++) {
        sb_text_add(out, i > 0 ? ",\n  " : "  ");
        draft_quoted(out, draft->columns[i].name);
        sb_text_printf(out, " %s", draft->columns[i].text);
    }
    if (draft->watermark != NULL) {
        sb_text_add(out, ",\n  WATERMARK FOR ");
        draft_quoted(out, draft->watermark_column);
        sb_text_printf(out, " AS %s", draft->watermark);
    }
    if (draft->count_keys > 0) {
        sb_text_add(out, ",\n  ");
        if (draft->constraint != NULL) {
            sb_text_add(out, "CONSTRAINT ");
            draft_quoted(out, draft->constraint);
            sb_text_char(out, ' ');
        }
        sb_text_add(out, "PRIMARY KEY ");
        draft_print_names(out, draft->keys, draft->count_keys);
        sb_text_add(out, " NOT ENFORCED");
    }
    sb_text_add(out, "\n)");
    if (draft->comment != NULL) {
        sb_text_add(out, "\nCOMMENT ");
        sb_sql_print_string(draft->comment, out);
    }
    if (draft->distribution != NULL) {
        sb_text_printf(out, "\nDISTRIBUTED %s", draft->distribution);
    }
    if (draft->count_partition > 0) {
        sb_text_add(out, "\nPARTITIONED BY ");
        draft_print_names(out, draft->partition, draft->count_partition);
    }
    draft_print_options(draft, out);
}

/* ---- changes ---- */

int32_t
sb_draft_find(const sb_table_draft *draft, const char *name)
{
    for (int32_t i = 0; i < draft->count; i++) {
        if (strcmp(draft->columns[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

sb_status
sb_draft_insert(sb_table_draft *draft, int32_t at, const sb_draft_column *column, sb_error *err)
{
    if (draft->count == draft->capacity) {
        int32_t capacity = draft->capacity == 0 ? 16 : draft->capacity * 2;
        sb_draft_column *grown = SB_NEW_ARRAY(draft->arena, sb_draft_column, capacity);

        if (grown == NULL) {
            SB_NOMEM(err);
        }
        if (draft->count > 0) {
            memcpy(grown, draft->columns, sizeof(grown[0]) * (size_t)draft->count);
        }
        draft->columns = grown;
        draft->capacity = capacity;
    }
    memmove(draft->columns + at + 1, draft->columns + at,
            sizeof(draft->columns[0]) * (size_t)(draft->count - at));
    draft->columns[at] = *column;
    draft->count++;
    return SB_OK;
}

void
sb_draft_remove(sb_table_draft *draft, int32_t at)
{
    draft->count--;
    memmove(draft->columns + at, draft->columns + at + 1,
            sizeof(draft->columns[0]) * (size_t)(draft->count - at));
}

sb_status
sb_draft_column_of(sb_table_draft *draft, const sb_ast_column *column, const char *text,
                   sb_draft_column *out, sb_error *err)
{
    sb_text piece;

    sb_text_init(&piece, sb_mem_root());
    if (column->kind == SB_AST_COLUMN_COMPUTED) {
        sb_text_add(&piece, "AS ");
    }
    sb_text_append(&piece, text + column->type_begin,
                   (size_t)(column->type_end - column->type_begin));
    if (column->kind == SB_AST_COLUMN_METADATA) {
        sb_text_add(&piece, " METADATA");
        if (column->metadata_key != NULL) {
            sb_text_add(&piece, " FROM ");
            sb_sql_print_string(column->metadata_key, &piece);
        }
        sb_text_add(&piece, column->is_virtual ? " VIRTUAL" : "");
    }
    if (column->comment != NULL) {
        sb_text_add(&piece, " COMMENT ");
        sb_sql_print_string(column->comment, &piece);
    }
    out->kind = column->kind;
    out->name = sb_arena_strdup(draft->arena, column->name.text);
    out->text = draft_keep(draft, &piece);
    if (out->name == NULL || out->text == NULL) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_draft_set_keys(sb_table_draft *draft, const sb_ast_create_table *from, sb_error *err)
{
    draft->keys = SB_NEW_ARRAY(draft->arena, const char *, from->count_keys + 1);
    if (draft->keys == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < from->count_keys; i++) {
        draft->keys[i] = sb_arena_strdup(draft->arena, from->keys[i].text);
        if (draft->keys[i] == NULL) {
            SB_NOMEM(err);
        }
    }
    draft->count_keys = from->count_keys;
    draft->constraint = draft_copy(draft, from->constraint.text);
    return SB_OK;
}

sb_status
sb_draft_set_watermark(sb_table_draft *draft, const sb_ast_create_table *from, const char *text,
                       sb_error *err)
{
    draft->watermark_column = draft_copy(draft, from->watermark_column.text);
    draft->watermark = sb_arena_strndup(draft->arena, text + from->watermark->begin,
                                        (size_t)(from->watermark->end - from->watermark->begin));
    if (draft->watermark == NULL || draft->watermark_column == NULL) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_draft_set_distribution(sb_table_draft *draft, const sb_ast_distribution *from, sb_error *err)
{
    sb_text piece;

    sb_text_init(&piece, sb_mem_root());
    sb_draft_print_distribution(from, &piece);
    draft->distribution = draft_keep(draft, &piece);
    if (draft->distribution == NULL) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_draft_set_option(sb_table_draft *draft, const char *key, const char *value, sb_error *err)
{
    sb_option *at = SB_NEW_ARRAY(draft->arena, sb_option, draft->options.count + 2);
    int32_t count = 0;
    bool placed = value == NULL;

    if (at == NULL) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < draft->options.count; i++) {
        if (strcmp(draft->options.at[i].key, key) != 0) {
            at[count++] = draft->options.at[i];
        } else if (value != NULL) {
            at[count++] = (sb_option){.key = draft->options.at[i].key,
                                      .value = sb_arena_strdup(draft->arena, value),
                                      .position = -1};
            placed = true;
        }
    }
    if (!placed) {
        at[count++] = (sb_option){.key = sb_arena_strdup(draft->arena, key),
                                  .value = sb_arena_strdup(draft->arena, value),
                                  .position = -1};
    }
    draft->options = (sb_options){.count = count, .at = at};
    return SB_OK;
}
