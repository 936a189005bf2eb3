/*
 * sql/parse_show.c -- SHOW and DESCRIBE.
 *
 * THREADS    one thread at a time.
 */
#include "sql/parser.h"

typedef struct show_row {
    const char *words;
    sb_ast_object object;
    bool from;  /* may be followed by FROM or IN and a name */
    bool like;  /* may be filtered */
    bool ilike; /* also without regard to case */
} show_row;

static const show_row show_rows[] = {
    {"TABLES", SB_AST_OBJECT_TABLE, true, true, false},
    {"VIEWS", SB_AST_OBJECT_VIEW, true, true, false},
    {"MATERIALIZED TABLES", SB_AST_OBJECT_MATERIALIZED_TABLE, true, true, false},
    {"CATALOGS", SB_AST_OBJECT_CATALOG, false, true, true},
    {"DATABASES", SB_AST_OBJECT_DATABASE, true, true, true},
    {"FUNCTIONS", SB_AST_OBJECT_FUNCTION, true, true, true},
    {"MODELS", SB_AST_OBJECT_MODEL, true, true, false},
    {"CONNECTIONS", SB_AST_OBJECT_CONNECTION, true, true, false},
    {"MODULES", SB_AST_OBJECT_MODULE, false, false, false},
    {"PROCEDURES", SB_AST_OBJECT_PROCEDURE, true, true, true},
    {"COLUMNS", SB_AST_OBJECT_COLUMN, true, true, false},
    {"PARTITIONS", SB_AST_OBJECT_PARTITION, false, false, false},
    {"JARS", SB_AST_OBJECT_JAR, false, false, false},
    {"JOBS", SB_AST_OBJECT_JOB, false, false, false},
};

enum { SHOW_ROWS = sizeof(show_rows) / sizeof(show_rows[0]) };

/* [FROM | IN name] [[NOT] LIKE | ILIKE 'x'] */
static sb_status
show_filter(sb_parser *p, const show_row *row, sb_ast_statement *out)
{
    if (row->from && (sb_parse_is_word(p, 0, "FROM") || sb_parse_is_word(p, 0, "IN"))) {
        out->preposition = sb_parse_is_word(p, 0, "IN") ? "IN" : "FROM";
        p->at++;
        SB_TRY(sb_parse_path(p, "a name", &out->name), p->err);
    } else if (row->object == SB_AST_OBJECT_COLUMN) {
        return sb_parse_fail(p, "FROM or IN and a name of a table");
    }
    if (!row->like) {
        return SB_OK;
    }
    out->not_like = sb_parse_take_word(p, "NOT");
    if (sb_parse_take_word(p, "LIKE")) {
        return sb_parse_string(p, "a quoted pattern", &out->pattern);
    }
    if (row->ilike && sb_parse_take_word(p, "ILIKE")) {
        out->ilike = true;
        return sb_parse_string(p, "a quoted pattern", &out->pattern);
    }
    return out->not_like ? sb_parse_fail(p, "LIKE") : SB_OK;
}

/* PARTITIONS t [PARTITION ( a = 1 )] */
static sb_status
show_partitions(sb_parser *p, sb_ast_statement *out)
{
    sb_parse_list list = {0};
    sb_ast_partition *partition;

    SB_TRY(sb_parse_path(p, "a name of a table", &out->name), p->err);
    if (sb_parse_take_word(p, "PARTITION")) {
        SB_TRY(sb_parse_partition(p, &partition), p->err);
        SB_TRY(sb_parse_list_add(p, &list, partition), p->err);
        out->partitions = (sb_ast_partition **)list.at;
        out->count_partitions = 1;
    }
    return SB_OK;
}

static sb_status
show_current(sb_parser *p, sb_ast_statement *out)
{
    out->show = SB_AST_SHOW_CURRENT;
    if (sb_parse_take_word(p, "CATALOG")) {
        out->object = SB_AST_OBJECT_CATALOG;
    } else if (sb_parse_take_word(p, "DATABASE")) {
        out->object = SB_AST_OBJECT_DATABASE;
    } else {
        return sb_parse_fail(p, "CATALOG or DATABASE");
    }
    return SB_OK;
}

static sb_status
show_create(sb_parser *p, sb_ast_statement *out)
{
    out->show = SB_AST_SHOW_CREATE;
    if (!sb_parse_object(p, &out->object) || out->object == SB_AST_OBJECT_FUNCTION ||
        out->object == SB_AST_OBJECT_DATABASE) {
        return sb_parse_fail(p, "TABLE, VIEW, CATALOG, MODEL, CONNECTION or MATERIALIZED TABLE");
    }
    out->is_view = out->object == SB_AST_OBJECT_VIEW;
    return sb_parse_path(p, "a name", &out->name);
}

/* Behind SHOW. */
sb_status
sb_parse_show(sb_parser *p, sb_ast_statement *out)
{
    out->kind = SB_AST_SHOW;
    if (sb_parse_take_word(p, "CURRENT")) {
        return show_current(p, out);
    }
    if (sb_parse_take_word(p, "CREATE")) {
        return show_create(p, out);
    }
    out->show = SB_AST_SHOW_LIST;
    out->show_user = sb_parse_is_words(p, "USER FUNCTIONS");
    out->show_full = sb_parse_is_words(p, "FULL MODULES");
    p->at += out->show_user || out->show_full;
    for (int i = 0; i < SHOW_ROWS; i++) {
        if (sb_parse_take_words(p, show_rows[i].words)) {
            out->object = show_rows[i].object;
            return out->object == SB_AST_OBJECT_PARTITION ? show_partitions(p, out)
                                                          : show_filter(p, &show_rows[i], out);
        }
    }
    return sb_parse_fail(p, "TABLES, VIEWS, COLUMNS, DATABASES, CATALOGS, FUNCTIONS or MODULES");
}

/* ---- DESCRIBE ---- */

/* 'x.csv' */
static sb_status
describe_file(sb_parser *p, sb_ast_statement *out)
{
    sb_ast_name *name = SB_NEW(p->arena, sb_ast_name);

    if (name == NULL) {
        SB_NOMEM(p->err);
    }
    name->begin = sb_parse_peek(p, 0)->begin;
    name->end = sb_parse_peek(p, 0)->end;
    SB_TRY(sb_parse_string(p, "a name of a file", &name->text), p->err);
    out->text = name->text;
    out->name = (sb_ast_path){.count = 1, .parts = name, .begin = name->begin, .end = name->end};
    return SB_OK;
}

/* A name as SHOW FUNCTIONS prints it: COALESCE, IS NOT NULL. */
static sb_status
describe_function(sb_parser *p, sb_ast_statement *out)
{
    sb_ast_name *name = SB_NEW(p->arena, sb_ast_name), word;

    if (name == NULL) {
        SB_NOMEM(p->err);
    }
    SB_TRY(sb_parse_word(p, "a name of a function", name), p->err);
    while (sb_parse_peek(p, 0)->kind == SB_TOKEN_NAME) {
        SB_TRY(sb_parse_word(p, "a name of a function", &word), p->err);
        name->text = sb_arena_printf(p->arena, "%s %s", name->text, word.text);
        name->end = word.end;
        if (name->text == NULL) {
            SB_NOMEM(p->err);
        }
    }
    out->name = (sb_ast_path){.count = 1, .parts = name, .begin = name->begin, .end = name->end};
    return SB_OK;
}

/* Behind DESCRIBE or DESC. */
sb_status
sb_parse_describe(sb_parser *p, sb_ast_statement *out)
{
    static const struct {
        const char *word;
        sb_ast_object object;
    } rows[] = {
        {"CATALOG", SB_AST_OBJECT_CATALOG},       {"DATABASE", SB_AST_OBJECT_DATABASE},
        {"FUNCTION", SB_AST_OBJECT_FUNCTION},     {"MODEL", SB_AST_OBJECT_MODEL},
        {"CONNECTION", SB_AST_OBJECT_CONNECTION}, {"JOB", SB_AST_OBJECT_JOB},
    };

    out->kind = SB_AST_DESCRIBE;
    out->object = SB_AST_OBJECT_TABLE;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const sb_token *next = sb_parse_peek(p, 1);

        if (sb_parse_is_word(p, 0, rows[i].word) &&
            (next->kind == SB_TOKEN_NAME || next->kind == SB_TOKEN_QUOTED ||
             next->kind == SB_TOKEN_STRING)) {
            p->at++;
            out->object = rows[i].object;
            break;
        }
    }
    if (out->object == SB_AST_OBJECT_JOB) {
        return sb_parse_text(p, "a quoted job id", out);
    }
    if (out->object == SB_AST_OBJECT_TABLE) { /* the word TABLE may be left out */
        (void)sb_parse_take_word(p, "TABLE");
    }
    if (out->object == SB_AST_OBJECT_TABLE && sb_parse_peek(p, 0)->kind == SB_TOKEN_STRING) {
        return describe_file(p, out);
    }
    out->extended = sb_parse_take_word(p, "EXTENDED");
    if (out->object == SB_AST_OBJECT_FUNCTION && !sb_parse_is_symbol(p, 1, ".")) {
        return describe_function(p, out);
    }
    return sb_parse_path(p, "a name of a table", &out->name);
}
