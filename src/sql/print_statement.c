/*
 * sql/print_statement.c -- statements, and scripts with their comments.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/printer.h"

/* ---- INSERT ---- */

void
sb_pr_insert(sb_printer *p, const sb_ast_insert *insert)
{
    static const char *const conflicts[] = {"", "ERROR", "NOTHING", "DEDUPLICATE"};

    sb_pr_add(p, insert->upsert      ? "UPSERT INTO "
                 : insert->overwrite ? "INSERT OVERWRITE "
                                     : "INSERT INTO ");
    sb_pr_path(p, &insert->table);
    sb_pr_hints(p, &insert->hints, insert->other_hints, insert->count_other_hints);
    if (insert->partition != NULL && !insert->partition_last) {
        sb_pr_add(p, " ");
        sb_pr_partition(p, insert->partition);
    }
    if (insert->count_columns > 0) {
        sb_pr_add(p, " ");
        sb_pr_names(p, insert->columns, insert->count_columns);
    }
    if (insert->partition != NULL && insert->partition_last) {
        sb_pr_add(p, " ");
        sb_pr_partition(p, insert->partition);
    }
    sb_pr_line(p);
    sb_pr_query(p, insert->query);
    if (insert->conflict != SB_AST_CONFLICT_NONE) {
        sb_pr_line(p);
        sb_pr_add(p, "ON CONFLICT DO ");
        sb_pr_add(p, conflicts[insert->conflict]);
    }
}

static void
insert_inside(sb_printer *p, const void *node)
{
    sb_pr_insert(p, node);
}

static void
statement_set(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, s->begin_set ? "BEGIN STATEMENT SET;" : "EXECUTE STATEMENT SET BEGIN");
    p->indent += SB_PRINT_INDENT;
    for (int32_t i = 0; i < s->count_inserts; i++) {
        sb_pr_line(p);
        sb_pr_comments(p, s->inserts[i]->begin);
        sb_pr_node(p, insert_inside, s->inserts[i], s->inserts[i]->end);
        sb_pr_add(p, ";");
    }
    sb_pr_comments(p, s->end - 3); /* before END */
    p->indent -= SB_PRINT_INDENT;
    sb_pr_line(p);
    sb_pr_add(p, "END");
}

/* ---- CREATE of what is no table; DROP ---- */

void
sb_pr_class(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_string(p, s->text);
    if (s->language != NULL) {
        sb_pr_add(p, " LANGUAGE ");
        sb_pr_add(p, s->language);
    }
    for (int32_t i = 0; i < s->count_strings; i++) {
        sb_pr_add(p, i > 0 ? ", " : " USING ");
        sb_pr_add(p, s->resource_kind);
        sb_pr_add(p, " ");
        sb_pr_string(p, s->strings[i]);
    }
    if (s->has_options) {
        sb_pr_add(p, " WITH ");
        sb_pr_options(p, &s->options);
    }
}

static void
statement_create(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, s->or_replace ? "CREATE OR REPLACE " : "CREATE ");
    sb_pr_add(p, s->temporary ? "TEMPORARY " : "");
    sb_pr_add(p, s->is_system ? "SYSTEM " : "");
    sb_pr_add(p, sb_ast_object_name(s->object));
    sb_pr_add(p, s->if_exists ? " IF NOT EXISTS " : " ");
    sb_pr_path(p, &s->name);
    if (s->object == SB_AST_OBJECT_FUNCTION) {
        sb_pr_add(p, " AS ");
        sb_pr_class(p, s);
        return;
    }
    if (s->count_inputs > 0) {
        sb_pr_add(p, " INPUT ");
        sb_pr_columns(p, s->input, s->count_inputs);
    }
    if (s->count_outputs > 0) {
        sb_pr_add(p, " OUTPUT ");
        sb_pr_columns(p, s->output, s->count_outputs);
    }
    if (s->comment != NULL) {
        sb_pr_add(p, " COMMENT ");
        sb_pr_string(p, s->comment);
    }
    if (s->has_options) {
        sb_pr_add(p, " WITH ");
        sb_pr_options(p, &s->options);
    }
    if (s->query != NULL) {
        sb_pr_add(p, " AS");
        sb_pr_line(p);
        sb_pr_query(p, s->query);
    }
}

static void
statement_drop(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, "DROP ");
    sb_pr_add(p, s->temporary ? "TEMPORARY " : "");
    sb_pr_add(p, s->is_system ? "SYSTEM " : "");
    sb_pr_add(p, sb_ast_object_name(s->object));
    sb_pr_add(p, s->if_exists ? " IF EXISTS " : " ");
    sb_pr_path(p, &s->name);
    sb_pr_add(p, s->cascade ? " CASCADE" : s->restrict_ ? " RESTRICT" : "");
}

/* ---- the session ---- */

static void
statement_option(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, s->kind == SB_AST_SET ? "SET" : "RESET");
    if (s->key != NULL) {
        sb_pr_add(p, " ");
        sb_pr_string(p, s->key);
    }
    if (s->kind == SB_AST_SET && s->key != NULL) {
        sb_pr_add(p, " = ");
        sb_pr_string(p, s->value);
    }
}

static void
statement_use(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, s->object == SB_AST_OBJECT_CATALOG  ? "USE CATALOG "
                 : s->object == SB_AST_OBJECT_MODULE ? "USE MODULES "
                                                     : "USE ");
    if (s->object != SB_AST_OBJECT_MODULE) {
        sb_pr_path(p, &s->name);
    }
    for (int32_t i = 0; s->object == SB_AST_OBJECT_MODULE && i < s->count_columns; i++) {
        sb_pr_add(p, i > 0 ? ", " : "");
        sb_pr_name(p, &s->columns[i]);
    }
}

static void
statement_explain(sb_printer *p, const sb_ast_statement *s)
{
    const char *const words[] = {s->explain_plan_for ? "PLAN FOR" : NULL,
                                 s->explain_cost ? "ESTIMATED_COST" : NULL,
                                 s->explain_changelog ? "CHANGELOG_MODE" : NULL,
                                 s->explain_json ? "JSON_EXECUTION_PLAN" : NULL,
                                 s->explain_advice ? "PLAN_ADVICE" : NULL,
                                 s->explain_dot ? "DOT" : NULL};
    const char *gap = " ";

    sb_pr_add(p, "EXPLAIN");
    for (int i = 0; i < 6; i++) {
        if (words[i] != NULL) {
            sb_pr_add(p, gap);
            sb_pr_add(p, words[i]);
            gap = ", ";
        }
    }
    sb_pr_line(p);
    sb_pr_statement(p, s->explained);
}

static void
statement_compile(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, s->and_execute ? "COMPILE AND EXECUTE PLAN " : "COMPILE PLAN ");
    sb_pr_string(p, s->text);
    sb_pr_add(p, s->if_exists ? " IF NOT EXISTS FOR" : " FOR");
    sb_pr_line(p);
    if (s->explained->kind == SB_AST_STATEMENT_SET) {
        sb_pr_add(p, "STATEMENT SET BEGIN");
        p->indent += SB_PRINT_INDENT;
        for (int32_t i = 0; i < s->explained->count_inserts; i++) {
            sb_pr_line(p);
            sb_pr_insert(p, s->explained->inserts[i]);
            sb_pr_add(p, ";");
        }
        p->indent -= SB_PRINT_INDENT;
        sb_pr_line(p);
        sb_pr_add(p, "END");
        return;
    }
    sb_pr_statement(p, s->explained);
}

/* ---- commands ---- */

static void
statement_where(sb_printer *p, const sb_ast_statement *s)
{
    if (s->where != NULL) {
        sb_pr_line(p);
        sb_pr_add(p, "WHERE ");
        sb_pr_condition(p, s->where);
    }
}

static void
statement_alias(sb_printer *p, const sb_ast_statement *s)
{
    if (s->alias.text != NULL) {
        sb_pr_add(p, " AS ");
        sb_pr_name(p, &s->alias);
    }
}

static void
statement_update(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, "UPDATE ");
    sb_pr_path(p, &s->name);
    statement_alias(p, s);
    sb_pr_line(p);
    sb_pr_add(p, "SET ");
    for (int32_t i = 0; i < s->count_exprs; i++) {
        sb_pr_add(p, i > 0 ? ", " : "");
        sb_pr_name(p, &s->columns[i]);
        sb_pr_add(p, " = ");
        sb_pr_expr(p, s->exprs[i]);
    }
    statement_where(p, s);
}

static void
statement_analyze(sb_printer *p, const sb_ast_statement *s)
{
    sb_pr_add(p, "ANALYZE TABLE ");
    sb_pr_path(p, &s->name);
    if (s->count_partitions > 0) {
        sb_pr_add(p, " ");
        sb_pr_partition(p, s->partitions[0]);
    }
    sb_pr_add(p, " COMPUTE STATISTICS");
    sb_pr_add(p, s->all_columns ? " FOR ALL COLUMNS" : s->count_columns > 0 ? " FOR COLUMNS " : "");
    for (int32_t i = 0; i < s->count_columns; i++) {
        sb_pr_add(p, i > 0 ? ", " : "");
        sb_pr_name(p, &s->columns[i]);
    }
}

/* A word and a name, a string or nothing. */
static void
statement_simple(sb_printer *p, const char *words, const sb_ast_statement *s)
{
    sb_pr_add(p, words);
    if (s->text != NULL) {
        sb_pr_string(p, s->text);
    } else {
        sb_pr_path(p, &s->name);
    }
    if (s->has_options) {
        sb_pr_add(p, " WITH ");
        sb_pr_options(p, &s->options);
    }
    sb_pr_add(p, s->with_savepoint ? " WITH SAVEPOINT" : "");
    sb_pr_add(p, s->with_drain ? " WITH DRAIN" : "");
}

static void
statement_inside(sb_printer *p, const void *node)
{
    const sb_ast_statement *s = node;

    sb_pr_add(p, s->execute ? "EXECUTE " : "");
    switch (s->kind) {
    case SB_AST_QUERY: sb_pr_query(p, s->query); break;
    case SB_AST_INSERT: sb_pr_insert(p, s->inserts[0]); break;
    case SB_AST_STATEMENT_SET: statement_set(p, s); break;
    case SB_AST_CREATE_TABLE:
    case SB_AST_CREATE_VIEW: sb_pr_table(p, s); break;
    case SB_AST_CREATE_OBJECT: statement_create(p, s); break;
    case SB_AST_ALTER: sb_pr_alter(p, s); break;
    case SB_AST_DROP: statement_drop(p, s); break;
    case SB_AST_SET:
    case SB_AST_RESET: statement_option(p, s); break;
    case SB_AST_USE: statement_use(p, s); break;
    case SB_AST_SHOW: sb_pr_show(p, s); break;
    case SB_AST_DESCRIBE: sb_pr_describe(p, s); break;
    case SB_AST_EXPLAIN: statement_explain(p, s); break;
    case SB_AST_UPDATE: statement_update(p, s); break;
    case SB_AST_DELETE:
        sb_pr_add(p, "DELETE FROM ");
        sb_pr_path(p, &s->name);
        statement_alias(p, s);
        statement_where(p, s);
        break;
    case SB_AST_TRUNCATE: statement_simple(p, "TRUNCATE TABLE ", s); break;
    case SB_AST_ANALYZE: statement_analyze(p, s); break;
    case SB_AST_CALL_PROCEDURE:
        sb_pr_add(p, "CALL ");
        sb_pr_from(p, s->called);
        break;
    case SB_AST_LOAD: statement_simple(p, "LOAD MODULE ", s); break;
    case SB_AST_UNLOAD: statement_simple(p, "UNLOAD MODULE ", s); break;
    case SB_AST_ADD_JAR: statement_simple(p, "ADD JAR ", s); break;
    case SB_AST_REMOVE_JAR: statement_simple(p, "REMOVE JAR ", s); break;
    case SB_AST_COMPILE_PLAN: statement_compile(p, s); break;
    case SB_AST_EXECUTE_PLAN: statement_simple(p, "EXECUTE PLAN ", s); break;
    case SB_AST_STOP_JOB: statement_simple(p, "STOP JOB ", s); break;
    case SB_AST_CLIENT: sb_pr_add(p, s->text); break;
    }
}

void
sb_pr_statement(sb_printer *p, const sb_ast_statement *s)
{
    bool broken =
        s->kind == SB_AST_STATEMENT_SET ||
        (s->kind == SB_AST_CREATE_TABLE && s->table->has_elements && s->table->query == NULL) ||
        ((s->kind == SB_AST_EXPLAIN || s->kind == SB_AST_COMPILE_PLAN) &&
         s->explained->kind == SB_AST_STATEMENT_SET);

    if (broken && !p->flat) {
        statement_inside(p, s);
    } else {
        sb_pr_node(p, statement_inside, s, s->end);
    }
}

/* ---- scripts ---- */

/* Statements keep the empty line that the source has between them. */
static void
format_gap(sb_printer *p, int32_t begin, int32_t end)
{
    int32_t lines = 0;

    for (int32_t i = begin; i < end; i++) {
        lines += p->text[i] == '\n';
    }
    if (lines > 1 && p->out->size > 0) {
        sb_text_char(p->out, '\n');
        p->line = p->out->size;
    }
}

static void
format_end_line(sb_printer *p)
{
    p->newline = false;
    if (p->out->size > p->line) {
        sb_text_char(p->out, '\n');
    }
    p->line = p->out->size;
}

/* Comments that begin before `position`, outside of statements. Returns where the last one ends. */
static int32_t
format_comments(sb_printer *p, int32_t last, int32_t position)
{
    while (p->next_comment < p->count_comments && p->comments[p->next_comment].begin < position) {
        const sb_comment *comment = &p->comments[p->next_comment];

        if (comment->trailing && p->out->size > 0 && p->next_comment > 0 &&
            p->comments[p->next_comment - 1].end > last) {
            last = p->comments[p->next_comment - 1].end;
        }
        if (!comment->trailing) {
            format_end_line(p);
            format_gap(p, last, comment->begin);
        }
        last = comment->end;
        sb_pr_comments(p, comment->begin + 1);
        format_end_line(p);
    }
    return last;
}

/* Behind `at`: the place behind the semicolon, and behind comments in the same line. */
static int32_t
format_semicolon(const sb_printer *p, int32_t at, int32_t size)
{
    while (at < size && p->text[at] != ';') {
        bool inside = false;

        for (int32_t i = p->next_comment; i < p->count_comments; i++) {
            if (p->comments[i].begin <= at && at < p->comments[i].end) {
                at = p->comments[i].end;
                inside = true;
            }
        }
        at += !inside;
    }
    return at < size ? at + 1 : size;
}

static void
format_statements(sb_printer *p, sb_ast_statement *const *statements, int32_t count, int32_t size)
{
    int32_t last = 0;

    for (int32_t i = 0; i < count; i++) {
        last = format_comments(p, last, statements[i]->begin);
        format_end_line(p);
        format_gap(p, last, statements[i]->begin);
        sb_pr_statement(p, statements[i]);
        last = format_semicolon(p, statements[i]->end, size);
        sb_pr_comments(p, statements[i]->end);
        sb_pr_add(p, ";");
        sb_pr_comments(p, last); /* between the statement and its semicolon */
        while (p->next_comment < p->count_comments && p->comments[p->next_comment].trailing &&
               memchr(p->text + last, '\n', (size_t)(p->comments[p->next_comment].begin - last)) ==
                   NULL) {
            int32_t begin = p->comments[p->next_comment].begin;

            last = p->comments[p->next_comment].end;
            sb_pr_comments(p, begin + 1);
        }
        format_end_line(p);
    }
    (void)format_comments(p, last, INT32_MAX);
    format_end_line(p);
}

static sb_status
format_once(sb_mem *mem, const char *text, int32_t size, sb_text *out, int32_t *out_comments,
            sb_error *err)
{
    sb_arena *arena = sb_arena_new(mem);
    sb_printer p = {.out = out, .text = text, .arena = arena};
    sb_ast_statement **statements;
    sb_comment *comments = NULL;
    int32_t count;
    sb_status status;

    if (arena == NULL) {
        SB_NOMEM(err);
    }
    status = sb_ast_parse(arena, text, size, &statements, &count, err);
    if (status == SB_OK) {
        status = sb_lex_comments(arena, text, size, &comments, &p.count_comments, err);
    }
    if (status == SB_OK) {
        p.comments = comments;
        format_statements(&p, statements, count, size);
        *out_comments = p.count_comments;
        if (sb_text_failed(out)) {
            status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
        }
    }
    sb_arena_free(arena);
    return status;
}

/* A comment that has moved out of an expression may let the expression fit: until it settles. */
sb_status
sb_sql_format(sb_mem *mem, const char *text, size_t size, sb_text *out, sb_error *err)
{
    sb_text again;
    int32_t comments = 0;
    sb_status status;

    if (size > SB_SQL_TEXT_MAX) {
        SB_FAIL(err, SB_STATUS_LIMIT, "script of more than %d bytes", SB_SQL_TEXT_MAX);
    }
    SB_TRY(format_once(mem, text, (int32_t)size, out, &comments, err), err);
    sb_text_init(&again, mem);
    for (int round = 0; round < 4 && comments > 0; round++) {
        sb_text_clear(&again);
        status = format_once(mem, out->data, (int32_t)out->size, &again, &comments, err);
        if (status != SB_OK ||
            sb_str_equal((sb_str){out->data, out->size}, (sb_str){again.data, again.size})) {
            sb_text_deinit(&again);
            return status;
        }
        sb_text_clear(out);
        sb_text_append(out, again.data, again.size);
    }
    sb_text_deinit(&again);
    return SB_OK;
}

void
sb_ast_print(const sb_ast_statement *statement, const char *text, sb_text *out)
{
    sb_arena *arena = sb_arena_new(sb_mem_root());
    sb_printer p = {.out = out, .text = text, .arena = arena};

    sb_pr_statement(&p, statement);
    sb_arena_free(arena);
}

void
sb_ast_print_query(const sb_ast_query *query, const char *text, sb_text *out)
{
    sb_arena *arena = sb_arena_new(sb_mem_root());
    sb_printer p = {.out = out, .text = text, .arena = arena};

    sb_pr_query(&p, query);
    sb_arena_free(arena);
}
