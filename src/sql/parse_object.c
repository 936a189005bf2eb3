/*
 * sql/parse_object.c -- CREATE, DROP of what is neither a table nor a view: catalogs, databases,
 * functions, models, connections.
 *
 * THREADS    one thread at a time.
 */
#include "sql/parser.h"

bool
sb_parse_object(sb_parser *p, sb_ast_object *out)
{
    static const struct {
        const char *words;
        sb_ast_object object;
    } rows[] = {
        {"TABLE", SB_AST_OBJECT_TABLE},
        {"VIEW", SB_AST_OBJECT_VIEW},
        {"MATERIALIZED TABLE", SB_AST_OBJECT_MATERIALIZED_TABLE},
        {"CATALOG", SB_AST_OBJECT_CATALOG},
        {"DATABASE", SB_AST_OBJECT_DATABASE},
        {"FUNCTION", SB_AST_OBJECT_FUNCTION},
        {"MODEL", SB_AST_OBJECT_MODEL},
        {"CONNECTION", SB_AST_OBJECT_CONNECTION},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (sb_parse_take_words(p, rows[i].words)) {
            *out = rows[i].object;
            return true;
        }
    }
    return false;
}

sb_status
sb_parse_text(sb_parser *p, const char *what, sb_ast_statement *out)
{
    out->text_begin = sb_parse_peek(p, 0)->begin;
    SB_TRY(sb_parse_string(p, what, &out->text), p->err);
    out->text_end = sb_parse_last_end(p);
    return SB_OK;
}

/* ---- functions ---- */

/* USING JAR 'a', JAR 'b' */
static sb_status
class_resources(sb_parser *p, sb_ast_statement *out)
{
    static const char *const kinds[] = {"JAR", "ARTIFACT", "FILE", "ARCHIVE"};
    sb_parse_list list = {0}, places = {0};

    do {
        const char *text;
        int32_t *place = SB_NEW(p->arena, int32_t);
        int kind = 0;

        if (place == NULL) {
            SB_NOMEM(p->err);
        }
        while (kind < 4 && !sb_parse_take_word(p, kinds[kind])) {
            kind++;
        }
        if (kind == 4) {
            return sb_parse_fail(p, "JAR or ARTIFACT");
        }
        out->resource_kind = kinds[kind];
        *place = sb_parse_peek(p, 0)->begin;
        SB_TRY(sb_parse_string(p, "a quoted path", &text), p->err);
        SB_TRY(sb_parse_list_add(p, &list, (void *)text), p->err);
        SB_TRY(sb_parse_list_add(p, &places, place), p->err);
    } while (sb_parse_take_symbol(p, ","));
    out->strings = (const char **)list.at;
    out->count_strings = list.count;
    out->strings_at = sb_parse_list_copy(p, &places, sizeof(int32_t));
    if (out->strings_at == NULL) {
        SB_NOMEM(p->err);
    }
    return SB_OK;
}

/* 'class' [LANGUAGE JAVA] [USING JAR 'x'] [WITH ( ... )] */
sb_status
sb_parse_class(sb_parser *p, sb_ast_statement *out)
{
    static const char *const languages[] = {"JAVA", "SCALA", "PYTHON", "SQL", "C"};

    SB_TRY(sb_parse_text(p, "a quoted class or symbol", out), p->err);
    if (sb_parse_take_word(p, "LANGUAGE")) {
        for (int i = 0; i < 5 && out->language == NULL; i++) {
            out->language = sb_parse_take_word(p, languages[i]) ? languages[i] : NULL;
        }
        if (out->language == NULL) {
            return sb_parse_fail(p, "JAVA, SCALA, PYTHON, SQL or C");
        }
    }
    if (sb_parse_take_word(p, "USING")) {
        SB_TRY(class_resources(p, out), p->err);
    }
    return sb_parse_with(p, &out->options, &out->has_options);
}

static sb_status
create_function(sb_parser *p, sb_ast_statement *out)
{
    out->if_exists = sb_parse_if_not_exists(p);
    SB_TRY(sb_parse_path(p, "a name of a function", &out->name), p->err);
    SB_TRY(sb_parse_want_word(p, "AS"), p->err);
    return sb_parse_class(p, out);
}

/* ---- models ---- */

/* ( a INT, b STRING COMMENT 'x' ) */
sb_status
sb_parse_column_list(sb_parser *p, sb_ast_column **out, int32_t *out_count)
{
    sb_parse_list list = {0};

    SB_TRY(sb_parse_want_symbol(p, "("), p->err);
    do {
        sb_ast_column *column = SB_NEW(p->arena, sb_ast_column);

        if (column == NULL) {
            SB_NOMEM(p->err);
        }
        SB_TRY(sb_parse_name(p, "a name of a column", &column->name), p->err);
        column->type_begin = sb_parse_peek(p, 0)->begin;
        SB_TRY(sb_parse_type(p, &column->type), p->err);
        column->type_end = sb_parse_last_end(p);
        if (sb_parse_take_word(p, "COMMENT")) {
            SB_TRY(sb_parse_string(p, "a quoted comment", &column->comment), p->err);
        }
        SB_TRY(sb_parse_list_add(p, &list, column), p->err);
    } while (sb_parse_take_symbol(p, ","));
    SB_TRY(sb_parse_want_symbol(p, ")"), p->err);
    SB_PARSE_COPY(p, &list, sb_ast_column, out, out_count);
    return SB_OK;
}

static sb_status
create_model(sb_parser *p, sb_ast_statement *out)
{
    out->if_exists = sb_parse_if_not_exists(p);
    SB_TRY(sb_parse_path(p, "a name of a model", &out->name), p->err);
    if (sb_parse_take_word(p, "INPUT")) {
        SB_TRY(sb_parse_column_list(p, &out->input, &out->count_inputs), p->err);
    }
    if (sb_parse_take_word(p, "OUTPUT")) {
        SB_TRY(sb_parse_column_list(p, &out->output, &out->count_outputs), p->err);
    }
    if (sb_parse_take_word(p, "COMMENT")) {
        SB_TRY(sb_parse_string(p, "a quoted comment", &out->comment), p->err);
    }
    SB_TRY(sb_parse_with(p, &out->options, &out->has_options), p->err);
    if (sb_parse_take_word(p, "AS")) {
        out->body_begin = sb_parse_peek(p, 0)->begin;
        return sb_parse_query(p, &out->query);
    }
    return SB_OK;
}

/* ---- CREATE ---- */

/* Catalog, database, connection: name, comment, options. */
static sb_status
create_named(sb_parser *p, const char *what, sb_ast_statement *out)
{
    out->if_exists = sb_parse_if_not_exists(p);
    SB_TRY(sb_parse_path(p, what, &out->name), p->err);
    if (sb_parse_take_word(p, "COMMENT")) {
        SB_TRY(sb_parse_string(p, "a quoted comment", &out->comment), p->err);
    }
    return sb_parse_with(p, &out->options, &out->has_options);
}

sb_status
sb_parse_create_object(sb_parser *p, sb_ast_statement *out, bool *out_taken)
{
    bool temporary = out->temporary;

    *out_taken = true;
    out->kind = SB_AST_CREATE_OBJECT;
    out->is_system = temporary && sb_parse_take_word(p, "SYSTEM");
    if (!out->or_replace && sb_parse_take_word(p, "FUNCTION")) {
        out->object = SB_AST_OBJECT_FUNCTION;
        return create_function(p, out);
    }
    if (!out->is_system && sb_parse_take_word(p, "MODEL")) {
        out->object = SB_AST_OBJECT_MODEL;
        return create_model(p, out);
    }
    if (!out->or_replace && sb_parse_take_word(p, "CONNECTION")) {
        out->object = SB_AST_OBJECT_CONNECTION;
        SB_TRY(create_named(p, "a name of a connection", out), p->err);
        return out->has_options ? SB_OK : sb_parse_fail(p, "WITH");
    }
    if (!temporary && !out->or_replace && sb_parse_take_word(p, "CATALOG")) {
        out->object = SB_AST_OBJECT_CATALOG;
        return create_named(p, "a name of a catalog", out);
    }
    if (!temporary && !out->or_replace && sb_parse_take_word(p, "DATABASE")) {
        out->object = SB_AST_OBJECT_DATABASE;
        return create_named(p, "a name of a database", out);
    }
    *out_taken = false;
    return SB_OK;
}

/* ---- DROP ---- */

/* Behind DROP. */
sb_status
sb_parse_drop(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_DROP;
    out->temporary = sb_parse_take_word(p, "TEMPORARY");
    out->is_system = (out->temporary || sb_parse_is_words(p, "SYSTEM FUNCTION")) &&
                     sb_parse_take_word(p, "SYSTEM");
    if (!sb_parse_object(p, &out->object) ||
        (out->temporary && out->object == SB_AST_OBJECT_MATERIALIZED_TABLE)) {
        return sb_parse_fail(p, "TABLE, VIEW, CATALOG, DATABASE, FUNCTION, MODEL or CONNECTION");
    }
    out->is_view = out->object == SB_AST_OBJECT_VIEW;
    out->if_exists = sb_parse_if_exists(p);
    SB_TRY(sb_parse_path(p, "a name", &out->name), p->err);
    if (out->object == SB_AST_OBJECT_DATABASE) {
        out->cascade = sb_parse_take_word(p, "CASCADE");
        out->restrict_ = !out->cascade && sb_parse_take_word(p, "RESTRICT");
    }
    return SB_OK;
}
