/*
 * sql/parse_statement.c -- statements and scripts.
 *
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>

#include "sql/parser.h"

static sb_status statement_any(sb_parser *p, sb_ast_statement *out);

/* ---- INSERT ---- */

sb_status
sb_parse_insert(sb_parser *p, sb_ast_insert **out)
{
    sb_ast_insert *insert = SB_NEW(p->arena, sb_ast_insert);

    if (insert == NULL) {
        SB_NOMEM(p->err);
    }
    insert->begin = sb_parse_peek(p, 0)->begin;
    (void)sb_parse_take_word(p, "EXECUTE");
    SB_TRY(sb_parse_want_word(p, "INSERT"), p->err);
    if (sb_parse_is_word(p, 0, "OVERWRITE")) {
        return sb_parse_unsupported(p, 1, "INSERT OVERWRITE");
    }
    SB_TRY(sb_parse_want_word(p, "INTO"), p->err);
    (void)sb_parse_take_word(p, "TABLE");
    SB_TRY(sb_parse_path(p, "a name of a table", &insert->table), p->err);
    SB_TRY(sb_parse_hints(p, &insert->hints), p->err);
    if (sb_parse_is_word(p, 0, "PARTITION")) {
        return sb_parse_unsupported(p, 1, "INSERT INTO a partition");
    }
    if (sb_parse_is_symbol(p, 0, "(") && !sb_parse_is_query(p, 0)) {
        SB_TRY(sb_parse_names(p, "a name of a column", &insert->columns, &insert->count_columns),
               p->err);
    }
    SB_TRY(sb_parse_query(p, &insert->query), p->err);
    if (sb_parse_is_word(p, 0, "ON") && sb_parse_is_word(p, 1, "CONFLICT")) {
        return sb_parse_unsupported(p, 2, "ON CONFLICT");
    }
    insert->end = sb_parse_last_end(p);
    *out = insert;
    return SB_OK;
}

static sb_status
statement_insert(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_INSERT;
    out->count_inserts = 1;
    out->inserts = SB_NEW(p->arena, sb_ast_insert *);
    if (out->inserts == NULL) {
        SB_NOMEM(p->err);
    }
    return sb_parse_insert(p, &out->inserts[0]);
}

/* Behind BEGIN (and, in the old form, behind STATEMENT SET ;). */
static sb_status
statement_set_body(sb_parser *p, sb_ast_statement *out)
{
    sb_parse_list list = {0};

    out->kind = SB_AST_STATEMENT_SET;
    while (!sb_parse_is_word(p, 0, "END")) {
        sb_ast_insert *insert;

        if (!sb_parse_is_word(p, 0, "INSERT")) {
            return sb_parse_fail(p, "INSERT or END");
        }
        SB_TRY(sb_parse_insert(p, &insert), p->err);
        SB_TRY(sb_parse_list_add(p, &list, insert), p->err);
        SB_TRY(sb_parse_want_symbol(p, ";"), p->err);
    }
    if (list.count == 0) {
        return sb_parse_fail(p, "INSERT");
    }
    p->at++;
    out->inserts = (sb_ast_insert **)list.at;
    out->count_inserts = list.count;
    return SB_OK;
}

/* ---- SET, RESET, USE ---- */

/* k = v without quotes: a dotted name, then everything up to the end of the statement. */
static sb_status
set_plain(sb_parser *p, sb_ast_statement *out)
{
    int32_t begin = sb_parse_peek(p, 0)->begin, end;

    while (!sb_parse_is_symbol(p, 0, "=")) {
        sb_token_kind kind = sb_parse_peek(p, 0)->kind;

        if (kind != SB_TOKEN_NAME && kind != SB_TOKEN_INTEGER && !sb_parse_is_symbol(p, 0, ".") &&
            !sb_parse_is_symbol(p, 0, "-")) {
            return sb_parse_fail(p, "'key' = 'value'");
        }
        p->at++;
    }
    end = sb_parse_last_end(p);
    if (end <= begin) {
        return sb_parse_fail(p, "'key' = 'value'");
    }
    out->key = sb_arena_strndup(p->arena, p->text + begin, (size_t)(end - begin));
    p->at++;
    if (sb_parse_peek(p, 0)->kind == SB_TOKEN_STRING) {
        SB_TRY(sb_parse_string(p, "a value", &out->value), p->err);
    } else {
        begin = sb_parse_peek(p, 0)->begin;
        while (sb_parse_peek(p, 0)->kind != SB_TOKEN_END && !sb_parse_is_symbol(p, 0, ";")) {
            p->at++;
        }
        end = sb_parse_last_end(p);
        if (end <= begin) {
            return sb_parse_fail(p, "a value");
        }
        out->value = sb_arena_strndup(p->arena, p->text + begin, (size_t)(end - begin));
    }
    if (out->key == NULL || out->value == NULL) {
        SB_NOMEM(p->err);
    }
    return SB_OK;
}

static sb_status
statement_set(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_SET;
    if (sb_parse_peek(p, 0)->kind == SB_TOKEN_END || sb_parse_is_symbol(p, 0, ";")) {
        return SB_OK;
    }
    if (sb_parse_peek(p, 0)->kind == SB_TOKEN_STRING) {
        SB_TRY(sb_parse_string(p, "a key", &out->key), p->err);
        SB_TRY(sb_parse_want_symbol(p, "="), p->err);
        out->value_begin = sb_parse_peek(p, 0)->begin;
        SB_TRY(sb_parse_string(p, "a quoted value", &out->value), p->err);
    } else {
        out->value_begin = sb_parse_peek(p, 0)->begin;
        SB_TRY(set_plain(p, out), p->err);
    }
    out->value_end = sb_parse_last_end(p);
    return SB_OK;
}

static sb_status
statement_reset(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_RESET;
    if (sb_parse_peek(p, 0)->kind == SB_TOKEN_STRING) {
        return sb_parse_string(p, "a key", &out->key);
    }
    if (sb_parse_peek(p, 0)->kind == SB_TOKEN_NAME) {
        int32_t begin = sb_parse_peek(p, 0)->begin;

        while (sb_parse_peek(p, 0)->kind != SB_TOKEN_END && !sb_parse_is_symbol(p, 0, ";")) {
            p->at++;
        }
        out->key =
            sb_arena_strndup(p->arena, p->text + begin, (size_t)(sb_parse_last_end(p) - begin));
        if (out->key == NULL) {
            SB_NOMEM(p->err);
        }
    }
    return SB_OK;
}

static sb_status
statement_use(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_USE;
    if (sb_parse_is_word(p, 0, "MODULES")) {
        return sb_parse_unsupported(p, 1, "USE MODULES");
    }
    out->use_catalog = sb_parse_take_word(p, "CATALOG");
    return sb_parse_path(p, "a name", &out->name);
}

/* ---- SHOW, DESCRIBE, DROP, EXPLAIN ---- */

static sb_status
statement_show(sb_parser *p, sb_ast_statement *out)
{
    static const struct {
        const char *words;
        sb_ast_show show;
    } shows[] = {
        {"TABLES", SB_AST_SHOW_TABLES},
        {"VIEWS", SB_AST_SHOW_VIEWS},
        {"CATALOGS", SB_AST_SHOW_CATALOGS},
        {"DATABASES", SB_AST_SHOW_DATABASES},
        {"CURRENT CATALOG", SB_AST_SHOW_CURRENT_CATALOG},
        {"CURRENT DATABASE", SB_AST_SHOW_CURRENT_DATABASE},
        {"CREATE TABLE", SB_AST_SHOW_CREATE},
        {"CREATE VIEW", SB_AST_SHOW_CREATE},
    };

    out->kind = SB_AST_SHOW;
    for (size_t i = 0; i < sizeof(shows) / sizeof(shows[0]); i++) {
        if (sb_parse_take_words(p, shows[i].words)) {
            out->show = shows[i].show;
            if (out->show == SB_AST_SHOW_CREATE) {
                out->is_view = strcmp(shows[i].words, "CREATE VIEW") == 0;
                return sb_parse_path(p, "a name of a table", &out->name);
            }
            if (sb_parse_is_word(p, 0, "LIKE") || sb_parse_is_word(p, 0, "FROM") ||
                sb_parse_is_word(p, 0, "IN") || sb_parse_is_word(p, 0, "ILIKE") ||
                sb_parse_is_word(p, 0, "NOT")) {
                return sb_parse_unsupported(p, 1, "SHOW with a filter");
            }
            return SB_OK;
        }
    }
    if (sb_parse_peek(p, 0)->kind == SB_TOKEN_NAME) {
        const sb_token *token = sb_parse_peek(p, 0);
        char name[64];

        snprintf(name, sizeof(name), "SHOW %.*s",
                 (int)(token->value.size < 40 ? token->value.size : 40), token->value.data);
        return sb_parse_unsupported(p, 1, name);
    }
    return sb_parse_fail(p, "TABLES, VIEWS, DATABASES or CATALOGS");
}

static sb_status
statement_describe(sb_parser *p, sb_ast_statement *out)
{
    static const char *const unsupported[] = {"CATALOG", "DATABASE", "FUNCTION", "MODEL", "JOB"};

    out->kind = SB_AST_DESCRIBE;
    for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++) {
        if (sb_parse_is_word(p, 0, unsupported[i]) && sb_parse_peek(p, 1)->kind == SB_TOKEN_NAME) {
            return sb_parse_unsupported(p, 1, "DESCRIBE of something that is not a table");
        }
    }
    (void)sb_parse_take_word(p, "EXTENDED");
    return sb_parse_path(p, "a name of a table", &out->name);
}

static sb_status
statement_drop(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_DROP;
    out->temporary = sb_parse_take_word(p, "TEMPORARY");
    if (sb_parse_take_word(p, "VIEW")) {
        out->is_view = true;
    } else if (!sb_parse_take_word(p, "TABLE")) {
        if (sb_parse_peek(p, 0)->kind == SB_TOKEN_NAME) {
            const sb_token *token = sb_parse_peek(p, 0);
            char name[64];

            snprintf(name, sizeof(name), "DROP %.*s",
                     (int)(token->value.size < 40 ? token->value.size : 40), token->value.data);
            return sb_parse_unsupported(p, 1, name);
        }
        return sb_parse_fail(p, "TABLE or VIEW");
    }
    out->if_exists = sb_parse_take_words(p, "IF EXISTS");
    return sb_parse_path(p, "a name of a table", &out->name);
}

static sb_status
statement_explain(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_EXPLAIN;
    if (!sb_parse_take_words(p, "PLAN FOR")) {
        do {
            if (sb_parse_take_word(p, "CHANGELOG_MODE")) {
                out->explain_changelog = true;
            } else if (sb_parse_take_word(p, "JSON_EXECUTION_PLAN")) {
                out->explain_json = true;
            } else if (sb_parse_take_word(p, "DOT")) {
                out->explain_dot = true;
            } else if (sb_parse_is_word(p, 0, "ESTIMATED_COST") ||
                       sb_parse_is_word(p, 0, "PLAN_ADVICE")) {
                return sb_parse_unsupported(p, 1,
                                            sb_parse_is_word(p, 0, "PLAN_ADVICE")
                                                ? "EXPLAIN PLAN_ADVICE"
                                                : "EXPLAIN ESTIMATED_COST");
            }
        } while (sb_parse_take_symbol(p, ","));
    }
    out->explained = SB_NEW(p->arena, sb_ast_statement);
    if (out->explained == NULL) {
        SB_NOMEM(p->err);
    }
    out->explained->begin = sb_parse_peek(p, 0)->begin;
    if (sb_parse_take_words(p, "STATEMENT SET BEGIN") ||
        sb_parse_take_words(p, "EXECUTE STATEMENT SET BEGIN")) {
        SB_TRY(statement_set_body(p, out->explained), p->err);
    } else if (sb_parse_is_query(p, 0)) {
        out->explained->kind = SB_AST_QUERY;
        SB_TRY(sb_parse_query(p, &out->explained->query), p->err);
    } else if (sb_parse_is_word(p, 0, "INSERT")) {
        SB_TRY(statement_insert(p, out->explained), p->err);
    } else {
        return sb_parse_fail(p, "a query, INSERT or STATEMENT SET");
    }
    out->explained->end = sb_parse_last_end(p);
    return SB_OK;
}

/* ---- any statement ---- */

static sb_status
statement_execute(sb_parser *p, sb_ast_statement *out)
{
    if (sb_parse_take_words(p, "EXECUTE STATEMENT SET BEGIN")) {
        return statement_set_body(p, out);
    }
    if (sb_parse_is_word(p, 1, "PLAN")) {
        return sb_parse_unsupported(p, 2, "EXECUTE PLAN");
    }
    if (sb_parse_is_word(p, 1, "INSERT")) {
        return statement_insert(p, out);
    }
    p->at++;
    if (sb_parse_is_query(p, 0)) {
        out->kind = SB_AST_QUERY;
        return sb_parse_query(p, &out->query);
    }
    return sb_parse_fail(p, "STATEMENT SET BEGIN, INSERT or a query");
}

static sb_status
statement_unknown(sb_parser *p)
{
    static const char *const unsupported[] = {
        "ALTER",  "ADD",      "REMOVE", "COMPILE", "ANALYZE", "CALL",    "DELETE",
        "UPDATE", "TRUNCATE", "LOAD",   "UNLOAD",  "STOP",    "REPLACE", "MERGE",
        "GRANT",  "HELP",     "CLEAR",  "QUIT",    "EXIT",    "COMMIT",  "ROLLBACK"};

    for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++) {
        if (sb_parse_is_word(p, 0, unsupported[i])) {
            return sb_parse_unsupported(p, 1, unsupported[i]);
        }
    }
    return sb_parse_fail(p, "a statement such as SELECT, INSERT or CREATE TABLE");
}

static sb_status
statement_any(sb_parser *p, sb_ast_statement *out)
{
    if (sb_parse_is_query(p, 0)) {
        out->kind = SB_AST_QUERY;
        return sb_parse_query(p, &out->query);
    }
    if (sb_parse_is_word(p, 0, "INSERT")) {
        return statement_insert(p, out);
    }
    if (sb_parse_is_word(p, 0, "EXECUTE")) {
        return statement_execute(p, out);
    }
    if (sb_parse_take_words(p, "BEGIN STATEMENT SET")) {
        SB_TRY(sb_parse_want_symbol(p, ";"), p->err);
        return statement_set_body(p, out);
    }
    if (sb_parse_take_word(p, "CREATE")) {
        return sb_parse_create(p, out);
    }
    if (sb_parse_take_word(p, "DROP")) {
        return statement_drop(p, out);
    }
    if (sb_parse_take_word(p, "SET")) {
        return statement_set(p, out);
    }
    if (sb_parse_take_word(p, "RESET")) {
        return statement_reset(p, out);
    }
    if (sb_parse_take_word(p, "USE")) {
        return statement_use(p, out);
    }
    if (sb_parse_take_word(p, "SHOW")) {
        return statement_show(p, out);
    }
    if (sb_parse_take_word(p, "DESCRIBE") || sb_parse_take_word(p, "DESC")) {
        return statement_describe(p, out);
    }
    if (sb_parse_take_word(p, "EXPLAIN")) {
        return statement_explain(p, out);
    }
    return statement_unknown(p);
}

sb_status
sb_ast_parse(sb_arena *arena, const char *text, int32_t size, sb_ast_statement ***out,
             int32_t *out_count, sb_error *err)
{
    sb_parser p = {.arena = arena, .text = text, .err = err};
    sb_parse_list list = {0};
    sb_token *tokens;

    SB_TRY(sb_lex(arena, text, 0, size, &tokens, &p.count, err), err);
    p.tokens = tokens;
    for (;;) {
        sb_ast_statement *statement;

        while (sb_parse_take_symbol(&p, ";")) {
        }
        if (sb_parse_peek(&p, 0)->kind == SB_TOKEN_END) {
            break;
        }
        statement = SB_NEW(arena, sb_ast_statement);
        if (statement == NULL) {
            SB_NOMEM(err);
        }
        p.depth = 0;
        statement->begin = sb_parse_peek(&p, 0)->begin;
        SB_TRY(statement_any(&p, statement), err);
        statement->end = sb_parse_last_end(&p);
        if (sb_parse_peek(&p, 0)->kind != SB_TOKEN_END && !sb_parse_is_symbol(&p, 0, ";")) {
            return sb_parse_fail(&p, "\";\" or the end of the statement");
        }
        SB_TRY(sb_parse_list_add(&p, &list, statement), err);
    }
    *out = (sb_ast_statement **)list.at;
    *out_count = list.count;
    return SB_OK;
}
