/*
 * sql/parse_statement.c -- statements and scripts.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/parser.h"

/* ---- INSERT ---- */

/* [PARTITION] ( a = 1, b ) behind the word */
sb_status
sb_parse_partition(sb_parser *p, sb_ast_partition **out)
{
    sb_ast_partition *partition = SB_NEW(p->arena, sb_ast_partition);
    sb_parse_list names = {0}, values = {0};

    if (partition == NULL) {
        SB_NOMEM(p->err);
    }
    partition->begin = sb_parse_peek(p, 0)->begin;
    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    do {
        sb_ast_name *name = SB_NEW(p->arena, sb_ast_name);
        sb_ast_expr *value = NULL;

        if (name == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_name(p, "a name of a column", name), p->err);
        if (sb_parse_take_symbol(p, "=")) {
            SB_TRY(sb_parse_expr(p, &value), p->err);
        }
        SB_TRY(sb_parse_list_add(p, &names, name), p->err);
        SB_TRY(sb_parse_list_add(p, &values, value), p->err);
    } while (sb_parse_take_symbol(p, ","));
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    partition->end = sb_parse_last_end(p);
    SB_PARSE_COPY(p, &names, sb_ast_name, &partition->names, &partition->count);
    partition->values = (sb_ast_expr **)values.at;
    *out = partition;
    return SB_OK;
}

/* [ON CONFLICT DO ERROR | NOTHING | DEDUPLICATE] */
static sb_status
insert_conflict(sb_parser *p, sb_ast_insert *insert)
{
    static const char *const words[] = {"ERROR", "NOTHING", "DEDUPLICATE"};

    insert->conflict_begin = sb_parse_peek(p, 0)->begin;
    if (!sb_parse_take_words(p, "ON CONFLICT")) {
        return SB_OK;
    }
    SB_TRY(sb_parse_want_word(p, "DO"), p->err);
    for (int i = 0; i < 3; i++) {
        if (sb_parse_take_word(p, words[i])) {
            insert->conflict = (sb_ast_conflict)(SB_AST_CONFLICT_ERROR + i);
            return SB_OK;
        }
    }
    return sb_parse_fail(p, "ERROR, NOTHING or DEDUPLICATE");
}

/* ( a, b ); a nested column, as Flink has it, is refused here */
static sb_status
insert_columns(sb_parser *p, sb_ast_insert *insert)
{
    for (int32_t i = 1;
         sb_parse_peek(p, i)->kind == SB_TOKEN_NAME || sb_parse_peek(p, i)->kind == SB_TOKEN_QUOTED;
         i += 2) {
        if (sb_parse_is_symbol(p, i + 1, ".")) {
            p->at += i;
            return sb_parse_unsupported(p, 3, "INSERT INTO a nested column");
        }
    }
    return sb_parse_names(p, "a name of a column", &insert->columns, &insert->count_columns);
}

sb_status
sb_parse_insert(sb_parser *p, sb_ast_insert **out)
{
    sb_ast_insert *insert = SB_NEW(p->arena, sb_ast_insert);

    if (insert == NULL) {
        SB_NOMEM(p->err);
    }
    insert->begin = sb_parse_peek(p, 0)->begin;
    insert->upsert = sb_parse_take_word(p, "UPSERT");
    if (!insert->upsert) {
        SB_TRY(sb_parse_want_word(p, "INSERT"), p->err);
        insert->overwrite = sb_parse_take_word(p, "OVERWRITE");
    }
    if (!insert->overwrite) {
        SB_TRY(sb_parse_want_word(p, "INTO"), p->err);
    }
    (void)sb_parse_take_word(p, "TABLE");
    SB_TRY(sb_parse_path(p, "a name of a table", &insert->table), p->err);
    SB_TRY(sb_parse_hints(p, &insert->hints, &insert->other_hints, &insert->count_other_hints),
           p->err);
    if (sb_parse_take_word(p, "PARTITION")) {
        SB_TRY(sb_parse_partition(p, &insert->partition), p->err);
    }
    if (sb_parse_is_symbol(p, 0, "(") && !sb_parse_is_query(p, 0)) {
        SB_TRY(insert_columns(p, insert), p->err);
    }
    if (insert->partition == NULL && sb_parse_take_word(p, "PARTITION")) {
        SB_TRY(sb_parse_partition(p, &insert->partition), p->err);
        insert->partition_last = true;
    }
    SB_TRY(sb_parse_query(p, &insert->query), p->err);
    SB_TRY(insert_conflict(p, insert), p->err);
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
sb_status
sb_parse_set_body(sb_parser *p, sb_ast_statement *out)
{
    sb_parse_list list = {0};

    out->kind = SB_AST_STATEMENT_SET;
    while (!sb_parse_is_word(p, 0, "END")) {
        sb_ast_insert *insert;
        sb_status status;

        if (!sb_parse_is_word(p, 0, "INSERT") && !sb_parse_is_word(p, 0, "UPSERT")) {
            return sb_parse_fail(p, "INSERT or END");
        }
        status = sb_parse_insert(p, &insert);
        if (status == SB_OK) {
            SB_TRY(sb_parse_list_add(p, &list, insert), p->err);
            status = sb_parse_want_symbol(p, ";");
        }
        if (status != SB_OK && !sb_parse_recover(p, true)) {
            return status;
        }
    }
    if (list.count == 0 && !p->recovered) {
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

/* USE name, USE CATALOG name, USE MODULES a, b */
static sb_status
statement_use(sb_parser *p, sb_ast_statement *out)
{
    sb_parse_list list = {0};

    out->kind = SB_AST_USE;
    out->object = SB_AST_OBJECT_DATABASE;
    if (sb_parse_take_word(p, "CATALOG")) {
        out->object = SB_AST_OBJECT_CATALOG;
        return sb_parse_single(p, "a name of a catalog", &out->name);
    }
    if (!sb_parse_take_word(p, "MODULES")) {
        return sb_parse_path(p, "a name", &out->name);
    }
    out->object = SB_AST_OBJECT_MODULE;
    do {
        sb_ast_name *name = SB_NEW(p->arena, sb_ast_name);

        if (name == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_name(p, "a name of a module", name), p->err);
        SB_TRY(sb_parse_list_add(p, &list, name), p->err);
    } while (sb_parse_take_symbol(p, ","));
    SB_PARSE_COPY(p, &list, sb_ast_name, &out->columns, &out->count_columns);
    return SB_OK;
}

/* ---- EXPLAIN ---- */

/* What EXPLAIN and COMPILE PLAN take: a query, INSERT, a statement set. */
static sb_status
explain_inner(sb_parser *p, bool queries, sb_ast_statement *out)
{
    sb_ast_statement *inner = SB_NEW(p->arena, sb_ast_statement);

    if (inner == NULL) {
        SB_NOMEM(p->err);
    }
    out->explained = inner;
    inner->begin = sb_parse_peek(p, 0)->begin;
    if (sb_parse_take_words(p, "STATEMENT SET BEGIN") ||
        sb_parse_take_words(p, "EXECUTE STATEMENT SET BEGIN")) {
        SB_TRY(sb_parse_set_body(p, inner), p->err);
    } else if (queries && sb_parse_is_query(p, 0)) {
        inner->kind = SB_AST_QUERY;
        SB_TRY(sb_parse_query(p, &inner->query), p->err);
    } else if (sb_parse_is_word(p, 0, "INSERT") || sb_parse_is_word(p, 0, "UPSERT")) {
        SB_TRY(statement_insert(p, inner), p->err);
    } else if (queries && sb_parse_is_word(p, 0, "CREATE")) {
        p->at++;
        SB_TRY(sb_parse_create(p, inner), p->err);
        if (inner->table == NULL || inner->table->query == NULL) {
            return sb_sql_error(p->err, SB_SQL_SYNTAX, inner->begin, sb_parse_last_end(p),
                                "only CREATE TABLE AS can be explained");
        }
    } else {
        return sb_parse_fail(p, queries ? "a query, INSERT or STATEMENT SET"
                                        : "INSERT or STATEMENT SET");
    }
    inner->end = sb_parse_last_end(p);
    return SB_OK;
}

sb_status
sb_parse_explain(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_EXPLAIN;
    out->explain_plan_for = sb_parse_take_words(p, "PLAN FOR");
    if (!out->explain_plan_for) {
        do {
            if (sb_parse_take_word(p, "CHANGELOG_MODE")) {
                out->explain_changelog = true;
            } else if (sb_parse_take_word(p, "JSON_EXECUTION_PLAN")) {
                out->explain_json = true;
            } else if (sb_parse_take_word(p, "DOT")) {
                out->explain_dot = true;
            } else if (sb_parse_take_word(p, "ESTIMATED_COST")) {
                out->explain_cost = true;
            } else if (sb_parse_take_word(p, "PLAN_ADVICE")) {
                out->explain_advice = true;
            } else {
                break;
            }
        } while (sb_parse_take_symbol(p, ","));
    }
    return explain_inner(p, true, out);
}

/* COMPILE PLAN 'x' [IF NOT EXISTS] FOR ..., COMPILE AND EXECUTE PLAN 'x' FOR ... */
static sb_status
statement_compile(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_COMPILE_PLAN;
    out->and_execute = sb_parse_take_words(p, "AND EXECUTE");
    SB_TRY(sb_parse_want_word(p, "PLAN"), p->err);
    SB_TRY(sb_parse_text(p, "a quoted file name", out), p->err);
    out->if_exists = !out->and_execute && sb_parse_if_not_exists(p);
    SB_TRY(sb_parse_want_word(p, "FOR"), p->err);
    return explain_inner(p, false, out);
}

/* ---- any statement ---- */

static sb_status
statement_execute(sb_parser *p, sb_ast_statement *out)
{
    if (sb_parse_take_words(p, "EXECUTE STATEMENT SET BEGIN")) {
        return sb_parse_set_body(p, out);
    }
    if (sb_parse_take_words(p, "EXECUTE PLAN")) {
        out->kind = SB_AST_EXECUTE_PLAN;
        return sb_parse_text(p, "a quoted file name", out);
    }
    p->at++;
    out->execute = true;
    if (sb_parse_is_word(p, 0, "INSERT")) {
        return statement_insert(p, out);
    }
    if (sb_parse_is_query(p, 0)) {
        out->kind = SB_AST_QUERY;
        return sb_parse_query(p, &out->query);
    }
    return sb_parse_fail(p, "STATEMENT SET BEGIN, INSERT or a query");
}

/* The word at the cursor, or one near to it, which gives a hint. */
static sb_status
statement_unknown(sb_parser *p)
{
    static const char *const words[] = {
        "SELECT", "INSERT", "CREATE",  "ALTER",   "DROP",    "EXPLAIN",  "DESCRIBE",
        "SHOW",   "USE",    "EXECUTE", "COMPILE", "ANALYZE", "TRUNCATE", "UPDATE",
        "DELETE", "VALUES", "RESET",   "REPLACE", "UNLOAD",  "REMOVE",   "BEGIN"};
    static const char *const refused[] = {"MERGE", "GRANT", "REVOKE", "COMMIT", "ROLLBACK"};
    const sb_token *token = sb_parse_peek(p, 0);
    sb_status status;

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (sb_parse_is_word(p, 0, refused[i])) {
            return sb_parse_unsupported(p, 1, refused[i]);
        }
    }
    status = sb_parse_fail(p, "a statement such as SELECT, INSERT or CREATE TABLE");

    for (size_t i = 0; token->kind == SB_TOKEN_NAME && i < sizeof(words) / sizeof(words[0]); i++) {
        char upper[16] = {0};

        for (size_t k = 0; k < token->value.size && k + 1 < sizeof(upper); k++) {
            char c = token->value.data[k];

            upper[k] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
        }
        if (token->value.size < sizeof(upper) &&
            sb_str_distance(sb_str_of(upper), sb_str_of(words[i]), 2) <= 2) {
            sb_error_hint(p->err, "did you mean %s?", words[i]);
            break;
        }
    }
    return status;
}

typedef struct statement_row {
    const char *word;
    sb_status (*parse)(sb_parser *p, sb_ast_statement *out); /* behind the word */
} statement_row;

static const statement_row statement_rows[] = {
    {"CREATE", sb_parse_create},   {"REPLACE", sb_parse_replace},  {"ALTER", sb_parse_alter},
    {"DROP", sb_parse_drop},       {"SET", statement_set},         {"RESET", statement_reset},
    {"USE", statement_use},        {"SHOW", sb_parse_show},        {"DESCRIBE", sb_parse_describe},
    {"EXPLAIN", sb_parse_explain}, {"COMPILE", statement_compile},
};

static sb_status
statement_any(sb_parser *p, sb_ast_statement *out)
{
    bool taken;

    if (sb_parse_is_query(p, 0)) {
        out->kind = SB_AST_QUERY;
        return sb_parse_query(p, &out->query);
    }
    if (sb_parse_is_word(p, 0, "INSERT") || sb_parse_is_word(p, 0, "UPSERT")) {
        return statement_insert(p, out);
    }
    if (sb_parse_is_word(p, 0, "EXECUTE")) {
        return statement_execute(p, out);
    }
    if (sb_parse_take_words(p, "BEGIN STATEMENT SET")) {
        SB_TRY(sb_parse_want_symbol(p, ";"), p->err);
        out->begin_set = true;
        return sb_parse_set_body(p, out);
    }
    if (sb_parse_take_word(p, "DESC")) {
        out->desc = true;
        return sb_parse_describe(p, out);
    }
    for (size_t i = 0; i < sizeof(statement_rows) / sizeof(statement_rows[0]); i++) {
        if (sb_parse_take_word(p, statement_rows[i].word)) {
            return statement_rows[i].parse(p, out);
        }
    }
    SB_TRY(sb_parse_command(p, out, &taken), p->err);
    return taken ? SB_OK : statement_unknown(p);
}

/* ---- scripts ---- */

bool
sb_parse_recover(sb_parser *p, bool in_set)
{
    int32_t at = p->at;

    if (p->errors == NULL || p->err == NULL || p->err->status == SB_STATUS_NOMEM) {
        return false;
    }
    while (sb_parse_peek(p, 0)->kind != SB_TOKEN_END && !sb_parse_is_symbol(p, 0, ";")) {
        p->at++;
    }
    if (in_set && sb_parse_peek(p, 0)->kind == SB_TOKEN_END) {
        return false; /* the whole set ends here */
    }
    /* A token that is none has been told of. */
    if (p->tokens[at < p->count ? at : p->count - 1].kind != SB_TOKEN_BAD &&
        !sb_sql_errors_add(p->errors, p->err)) {
        return false;
    }
    sb_error_clear(p->err);
    p->recovered = true;
    p->at += sb_parse_peek(p, 0)->kind != SB_TOKEN_END;
    return true;
}

/* One statement with the semicolon behind it. */
static sb_status
script_statement(sb_parser *p, sb_parse_list *list)
{
    sb_ast_statement *statement = SB_NEW(p->arena, sb_ast_statement);

    if (statement == NULL) {
        SB_NOMEM(p->err);
    }
    p->depth = 0;
    p->recovered = false;
    statement->begin = sb_parse_peek(p, 0)->begin;
    SB_TRY(statement_any(p, statement), p->err);
    statement->end = sb_parse_last_end(p);
    if (sb_parse_peek(p, 0)->kind != SB_TOKEN_END && !sb_parse_is_symbol(p, 0, ";")) {
        return sb_parse_fail(p, "\";\" or the end of the statement");
    }
    return p->recovered ? SB_OK : sb_parse_list_add(p, list, statement);
}

sb_status
sb_ast_parse_all(sb_arena *arena, const char *text, int32_t size, sb_ast_statement ***out,
                 int32_t *out_count, sb_sql_errors *errors, sb_error *err)
{
    sb_parser p = {.arena = arena, .text = text, .err = err, .errors = errors};
    sb_parse_list list = {0};
    sb_token *tokens;

    SB_TRY(sb_lex_all(arena, text, 0, size, &tokens, &p.count, errors, err), err);
    p.tokens = tokens;
    for (;;) {
        sb_status status;

        while (sb_parse_take_symbol(&p, ";")) {
        }
        if (sb_parse_peek(&p, 0)->kind == SB_TOKEN_END) {
            break;
        }
        status = script_statement(&p, &list);
        if (status != SB_OK && !sb_parse_recover(&p, false)) {
            return status;
        }
    }
    *out = (sb_ast_statement **)list.at;
    *out_count = list.count;
    return SB_OK;
}

sb_status
sb_ast_parse(sb_arena *arena, const char *text, int32_t size, sb_ast_statement ***out,
             int32_t *out_count, sb_error *err)
{
    return sb_ast_parse_all(arena, text, size, out, out_count, NULL, err);
}
