/*
 * sql/parse_command.c -- statements that change rows or the session and are no INSERT: UPDATE,
 * DELETE, TRUNCATE, ANALYZE, CALL, LOAD, UNLOAD, ADD JAR, STOP JOB, words of a client.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/parser.h"

/* UPDATE t SET a = 1, b = 2 [WHERE c] */
static sb_status
command_update(sb_parser *p, sb_ast_statement *out)
{
    sb_parse_list names = {0}, values = {0};

    out->kind = SB_AST_UPDATE;
    SB_TRY(sb_parse_path(p, "a name of a table", &out->name), p->err);
    SB_TRY(sb_parse_alias(p, &out->alias), p->err);
    SB_TRY(sb_parse_want_word(p, "SET"), p->err);
    do {
        sb_ast_name *name = SB_NEW(p->arena, sb_ast_name);
        sb_ast_expr *value;

        if (name == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_name(p, "a name of a column", name), p->err);
        SB_TRY(sb_parse_want_symbol(p, "="), p->err);
        SB_TRY(sb_parse_expr(p, &value), p->err);
        SB_TRY(sb_parse_list_add(p, &names, name), p->err);
        SB_TRY(sb_parse_list_add(p, &values, value), p->err);
    } while (sb_parse_take_symbol(p, ","));
    SB_PARSE_COPY(p, &names, sb_ast_name, &out->columns, &out->count_columns);
    out->exprs = (sb_ast_expr **)values.at;
    out->count_exprs = values.count;
    return sb_parse_take_word(p, "WHERE") ? sb_parse_expr(p, &out->where) : SB_OK;
}

static sb_status
command_delete(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_DELETE;
    SB_TRY(sb_parse_want_word(p, "FROM"), p->err);
    SB_TRY(sb_parse_path(p, "a name of a table", &out->name), p->err);
    SB_TRY(sb_parse_alias(p, &out->alias), p->err);
    return sb_parse_take_word(p, "WHERE") ? sb_parse_expr(p, &out->where) : SB_OK;
}

static sb_status
command_truncate(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_TRUNCATE;
    SB_TRY(sb_parse_want_word(p, "TABLE"), p->err);
    return sb_parse_path(p, "a name of a table", &out->name);
}

/* ANALYZE TABLE t [PARTITION (...)] COMPUTE STATISTICS [FOR COLUMNS a, b | FOR ALL COLUMNS] */
static sb_status
command_analyze(sb_parser *p, sb_ast_statement *out)
{
    sb_parse_list list = {0};

    out->kind = SB_AST_ANALYZE;
    SB_TRY(sb_parse_want_word(p, "TABLE"), p->err);
    SB_TRY(sb_parse_path(p, "a name of a table", &out->name), p->err);
    if (sb_parse_take_word(p, "PARTITION")) {
        sb_ast_partition *partition;
        sb_parse_list partitions = {0};

        SB_TRY(sb_parse_partition(p, &partition), p->err);
        SB_TRY(sb_parse_list_add(p, &partitions, partition), p->err);
        out->partitions = (sb_ast_partition **)partitions.at;
        out->count_partitions = 1;
    }
    SB_TRY(sb_parse_want_word(p, "COMPUTE"), p->err);
    SB_TRY(sb_parse_want_word(p, "STATISTICS"), p->err);
    if (sb_parse_take_words(p, "FOR ALL COLUMNS")) {
        out->all_columns = true;
    } else if (sb_parse_take_words(p, "FOR COLUMNS")) {
        do {
            sb_ast_name *name = SB_NEW(p->arena, sb_ast_name);

            if (name == NULL) {
                SB_NOMEM(p->err);
            }
            SB_TRY(sb_parse_name(p, "a name of a column", name), p->err);
            SB_TRY(sb_parse_list_add(p, &list, name), p->err);
        } while (sb_parse_take_symbol(p, ","));
        SB_PARSE_COPY(p, &list, sb_ast_name, &out->columns, &out->count_columns);
    }
    return SB_OK;
}

/* CALL a.b.c ( 1, x => 2 ) */
static sb_status
command_call(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_CALL_PROCEDURE;
    SB_TRY(sb_parse_table_function(p, &out->called), p->err);
    out->called->bare = true;
    return SB_OK;
}

static sb_status
command_load(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_LOAD;
    SB_TRY(sb_parse_want_word(p, "MODULE"), p->err);
    SB_TRY(sb_parse_path(p, "a name of a module", &out->name), p->err);
    return sb_parse_with(p, &out->options, &out->has_options);
}

static sb_status
command_unload(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_UNLOAD;
    SB_TRY(sb_parse_want_word(p, "MODULE"), p->err);
    return sb_parse_path(p, "a name of a module", &out->name);
}

/* Behind ADD or REMOVE. */
static sb_status
command_jar(sb_parser *p, sb_ast_statement *out)
{
    out->kind = sb_parse_is_word(p, -1, "ADD") ? SB_AST_ADD_JAR : SB_AST_REMOVE_JAR;
    SB_TRY(sb_parse_want_word(p, "JAR"), p->err);
    return sb_parse_text(p, "a quoted path", out);
}

/* STOP JOB 'id' [WITH SAVEPOINT] [WITH DRAIN] */
static sb_status
command_stop(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_STOP_JOB;
    SB_TRY(sb_parse_want_word(p, "JOB"), p->err);
    SB_TRY(sb_parse_text(p, "a quoted job id", out), p->err);
    out->with_savepoint = sb_parse_take_words(p, "WITH SAVEPOINT");
    out->with_drain = sb_parse_take_words(p, "WITH DRAIN");
    return SB_OK;
}

static sb_status
command_client(sb_parser *p, sb_ast_statement *out)
{
    static const char *const words[] = {"HELP", "CLEAR", "QUIT", "EXIT"};

    out->kind = SB_AST_CLIENT;
    for (int i = 0; i < 4; i++) {
        if (sb_parse_is_word(p, -1, words[i])) {
            out->text = words[i];
            out->text_begin = sb_parse_peek(p, -1)->begin;
            out->text_end = sb_parse_peek(p, -1)->end;
        }
    }
    return SB_OK;
}

sb_status
sb_parse_command(sb_parser *p, sb_ast_statement *out, bool *out_taken)
{
    static const struct {
        const char *word;
        sb_status (*parse)(sb_parser *p, sb_ast_statement *out); /* behind the word */
    } rows[] = {
        {"UPDATE", command_update},   {"DELETE", command_delete}, {"TRUNCATE", command_truncate},
        {"ANALYZE", command_analyze}, {"CALL", command_call},     {"LOAD", command_load},
        {"UNLOAD", command_unload},   {"ADD", command_jar},       {"REMOVE", command_jar},
        {"STOP", command_stop},       {"HELP", command_client},   {"CLEAR", command_client},
        {"QUIT", command_client},     {"EXIT", command_client},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (sb_parse_take_word(p, rows[i].word)) {
            *out_taken = true;
            return rows[i].parse(p, out);
        }
    }
    *out_taken = false;
    return SB_OK;
}
