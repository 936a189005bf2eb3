/*
 * sql/sql.c -- scripts, sessions, and executing a statement.
 *
 * THREADS    one thread per session at a time.
 */
#include "sql/sql.h"

#include <stdio.h>
#include <string.h>

#include "sql/lexer.h"
#include "sql/refuse.h"
#include "sql/rules.h"
#include "sql/session.h"

/* ---- scripts ---- */

/* Position of the first byte that is not UTF-8; -1: none. */
static int32_t
script_bad_utf8(const char *text, size_t size)
{
    size_t i = 0;

    while (i < size) {
        unsigned char c = (unsigned char)text[i];
        int more = c < 0x80                 ? 0
                   : c >= 0xC2 && c <= 0xDF ? 1
                   : (c & 0xF0) == 0xE0     ? 2
                   : c >= 0xF0 && c <= 0xF4 ? 3
                                            : -1;

        if (more < 0 || i + (size_t)more >= size) {
            return (int32_t)i;
        }
        for (int k = 1; k <= more; k++) {
            if (((unsigned char)text[i + (size_t)k] & 0xC0) != 0x80) {
                return (int32_t)i;
            }
        }
        if ((c == 0xE0 && (unsigned char)text[i + 1] < 0xA0) ||
            (c == 0xED && (unsigned char)text[i + 1] > 0x9F) ||
            (c == 0xF0 && (unsigned char)text[i + 1] < 0x90) ||
            (c == 0xF4 && (unsigned char)text[i + 1] > 0x8F)) {
            return (int32_t)i;
        }
        i += 1 + (size_t)more;
    }
    return -1;
}

/* A script with its text and without statements. */
static sb_status
script_new(sb_mem *mem, const char *text, size_t size, sb_sql_script **out, sb_error *err)
{
    sb_arena *arena;
    sb_sql_script *script;
    int32_t bad;

    if (size > SB_SQL_TEXT_MAX) {
        SB_FAIL(err, SB_STATUS_LIMIT, "script of more than %d bytes", SB_SQL_TEXT_MAX);
    }
    bad = script_bad_utf8(text, size);
    if (bad >= 0) {
        return sb_sql_error(err, SB_SQL_BAD_TOKEN, bad, bad + 1, "byte 0x%02x is not UTF-8",
                            (unsigned char)text[bad]);
    }
    arena = sb_arena_new(mem);
    script = arena != NULL ? SB_NEW(arena, sb_sql_script) : NULL;
    if (script == NULL || (script->text = sb_arena_strndup(arena, text, size)) == NULL) {
        sb_arena_free(arena);
        SB_NOMEM(err);
    }
    script->mem = mem;
    script->arena = arena;
    script->size = (int32_t)size;
    *out = script;
    return SB_OK;
}

sb_status
sb_sql_parse(sb_mem *mem, const char *text, size_t size, sb_sql_script **out, sb_error *err)
{
    sb_sql_script *script;
    sb_status status;

    SB_TRY(script_new(mem, text, size, &script, err), err);
    status = sb_ast_parse(script->arena, script->text, script->size, &script->statements,
                          &script->count, err);
    for (int32_t i = 0; status == SB_OK && i < script->count; i++) {
        status = sb_sql_refuse(script->statements[i], err);
    }
    if (status != SB_OK) {
        sb_arena_free(script->arena);
        return status;
    }
    *out = script;
    return SB_OK;
}

/* Refused statements become errors and leave the list. */
static sb_status
script_refuse(sb_sql_script *script, sb_sql_errors *errors, sb_error *err)
{
    int32_t kept = 0;

    for (int32_t i = 0; i < script->count; i++) {
        sb_status status = sb_sql_refuse(script->statements[i], err);

        if (status == SB_OK) {
            script->statements[kept++] = script->statements[i];
        } else if (status == SB_STATUS_NOMEM || !sb_sql_errors_add(errors, err)) {
            return status;
        } else {
            sb_error_clear(err);
        }
    }
    script->count = kept;
    return SB_OK;
}

sb_status
sb_sql_parse_all(sb_mem *mem, const char *text, size_t size, sb_sql_script **out,
                 sb_sql_errors *errors, sb_error *err)
{
    sb_sql_script *script;
    sb_status status = script_new(mem, text, size, &script, err);

    if (status == SB_STATUS_SYNTAX &&
        sb_sql_errors_add(errors, err)) { /* a byte that is no UTF-8 */
        sb_error_clear(err);
        return script_new(mem, "", 0, out, err);
    }
    SB_TRY(status, err);
    status = sb_ast_parse_all(script->arena, script->text, script->size, &script->statements,
                              &script->count, errors, err);
    if (status == SB_OK) {
        status = script_refuse(script, errors, err);
    }
    if (status != SB_OK && (status == SB_STATUS_NOMEM || errors->count < SB_SQL_ERRORS_MAX)) {
        sb_arena_free(script->arena);
        return status;
    }
    sb_error_clear(err);
    *out = script;
    return SB_OK;
}

/* The quoted name at the start of a message: table "x" not found */
static sb_str
follow_up_name(const char *message)
{
    const char *begin = strchr(message, '"');
    const char *end = begin != NULL ? strchr(begin + 1, '"') : NULL;

    return end != NULL && strstr(message, "not found") != NULL
               ? (sb_str){begin + 1, (size_t)(end - begin - 1)}
               : (sb_str){NULL, 0};
}

/* Behind blanks and comments. */
static int32_t
follow_up_skip(const sb_sql_script *script, int32_t at)
{
    const char *text = script->text;

    while (at < script->size) {
        const char *end = NULL;

        if (strchr(" \t\r\n", text[at]) != NULL) {
            at++;
            continue;
        }
        if (strncmp(text + at, "--", 2) == 0) {
            end = strchr(text + at, '\n');
        } else if (strncmp(text + at, "/*", 2) == 0) {
            end = strstr(text + at, "*/");
            end = end != NULL ? end + 1 : NULL;
        }
        if (end == NULL) {
            break;
        }
        at = (int32_t)(end - text) + 1;
    }
    return at;
}

/* Does the statement with the error at `position` begin with CREATE or ALTER and name `name`? */
static bool
follow_up_defines(const sb_sql_script *script, int32_t position, sb_str name)
{
    int32_t begin = position;
    sb_str head;

    while (begin > 0 && script->text[begin - 1] != ';') {
        begin--;
    }
    begin = follow_up_skip(script, begin);
    head = (sb_str){script->text + begin, (size_t)(script->size - begin)};
    if (head.size < 6 || (!sb_str_equal_nocase((sb_str){head.data, 6}, SB_STR("CREATE")) &&
                          !sb_str_equal_nocase((sb_str){head.data, 5}, SB_STR("ALTER")))) {
        return false;
    }
    for (size_t i = 0;
         i + name.size < head.size && i < 400 && head.data[i] != '(' && head.data[i] != ';'; i++) {
        if (memcmp(head.data + i, name.data, name.size) == 0) {
            return true;
        }
    }
    return false;
}

bool
sb_sql_is_follow_up(const sb_sql_script *script, const sb_sql_errors *errors, const sb_error *err)
{
    sb_str name =
        strcmp(err->code, "SB2001") == 0 ? follow_up_name(err->message) : (sb_str){NULL, 0};

    for (int32_t i = 0; name.size > 0 && i < errors->count; i++) {
        if (errors->at[i].position >= 0 && errors->at[i].position < err->position &&
            follow_up_defines(script, errors->at[i].position, name)) {
            return true;
        }
    }
    return false;
}

sb_sql_script *
sb_sql_script_free(sb_sql_script *script)
{
    if (script != NULL) {
        sb_arena_free(script->arena);
    }
    return NULL;
}

int32_t
sb_sql_script_count(const sb_sql_script *script)
{
    return script->count;
}

sb_sql_range
sb_sql_script_range(const sb_sql_script *script, int32_t index)
{
    sb_assert(index >= 0 && index < script->count);
    return (sb_sql_range){.begin = script->statements[index]->begin,
                          .end = script->statements[index]->end};
}

const char *
sb_sql_script_text(const sb_sql_script *script)
{
    return script->text;
}

static bool
complete_is(const sb_token *token, const char *word)
{
    return token->kind == SB_TOKEN_NAME && sb_str_equal_nocase(token->value, sb_str_of(word));
}

/* A statement set that is open at the end of the tokens wants END. */
static bool
complete_tokens(const sb_token *tokens, int32_t count)
{
    bool in_set = false, at_start = true;

    for (int32_t i = 0; i + 1 < count; i++) {
        if (!in_set && at_start && i + 2 < count && complete_is(&tokens[i], "BEGIN") &&
            complete_is(&tokens[i + 1], "STATEMENT")) {
            in_set = true;
        } else if (!in_set && i >= 2 && complete_is(&tokens[i], "BEGIN") &&
                   complete_is(&tokens[i - 1], "SET") && complete_is(&tokens[i - 2], "STATEMENT")) {
            in_set = true;
        } else if (in_set && at_start && complete_is(&tokens[i], "END")) {
            in_set = false;
        }
        at_start = tokens[i].kind == SB_TOKEN_SYMBOL && tokens[i].value.data[0] == ';';
    }
    return !in_set && count >= 2 && at_start;
}

bool
sb_sql_is_complete(const char *text, size_t size)
{
    sb_arena *arena = size <= SB_SQL_TEXT_MAX ? sb_arena_new(sb_mem_root()) : NULL;
    sb_token *tokens;
    sb_error err;
    int32_t count;
    bool complete = true;

    if (arena == NULL) {
        return true;
    }
    sb_error_clear(&err);
    if (sb_lex(arena, text, 0, (int32_t)size, &tokens, &count, &err) == SB_OK) {
        complete = complete_tokens(tokens, count);
    } else {
        complete =
            strstr(err.message, "is not closed") == NULL; /* other errors are shown at once */
    }
    sb_arena_free(arena);
    return complete;
}

/* ---- sessions ---- */

sb_status
sb_sql_session_new(sb_mem *mem, const sb_connector_info *info, sb_sql_session **out, sb_error *err)
{
    sb_sql_session *session = sb_alloc_zero(mem, sizeof(*session));

    if (session == NULL) {
        SB_NOMEM(err);
    }
    session->mem = mem;
    session->info = *info;
    sb_catalog_init(&session->catalog, mem);
    sb_config_init(&session->config, mem);
    sb_sql_errors_init(&session->errors, mem);
    *out = session;
    return SB_OK;
}

sb_sql_session *
sb_sql_session_free(sb_sql_session *session)
{
    if (session != NULL) {
        sb_catalog_deinit(&session->catalog);
        sb_config_deinit(&session->config);
        sb_sql_errors_deinit(&session->errors);
        sb_free(session->mem, session, sizeof(*session));
    }
    return NULL;
}

void
sb_sql_session_scratch(sb_sql_session *session)
{
    session->scratch = true;
}

sb_status
sb_sql_session_set(sb_sql_session *session, const char *key, const char *value, sb_error *err)
{
    return sb_config_set(&session->config, key, value, err);
}

const char *
sb_sql_session_get(const sb_sql_session *session, const char *key)
{
    return sb_config_get(&session->config, key);
}

sb_options
sb_sql_session_options(const sb_sql_session *session)
{
    return (sb_options){.count = session->config.count, .at = session->config.at};
}

const char *
sb_sql_session_table(const sb_sql_session *session, int32_t index)
{
    const sb_catalog_table *table = session->catalog.first;

    while (table != NULL && index-- > 0) {
        table = table->next;
    }
    return table != NULL ? table->name : NULL;
}

/* A table or view of the current database, else of any. */
static const sb_catalog_table *
session_find(const sb_sql_session *session, const char *name)
{
    const sb_catalog *catalog = &session->catalog;
    sb_catalog_id id = {catalog->current_catalog, catalog->current_database, name};
    const sb_catalog_table *found = sb_catalog_find(catalog, &id);

    for (const sb_catalog_table *table = catalog->first; found == NULL && table != NULL;
         table = table->next) {
        found = strcmp(table->name, name) == 0 ? table : NULL;
    }
    return found;
}

const char *
sb_sql_session_column(const sb_sql_session *session, const char *table, int32_t index)
{
    const sb_catalog_table *found = session_find(session, table);

    return found != NULL && index >= 0 && index < found->count_columns ? found->columns[index].name
                                                                       : NULL;
}

/* ---- plans ---- */

void
sb_execution_binder(sb_execution *x, sb_arena *arena, sb_binder *out)
{
    *out = (sb_binder){.catalog = &x->session->catalog,
                       .config = &x->session->config,
                       .warnings = &x->warnings,
                       .errors = x->errors,
                       .created = x->created};
    out->rel.arena = arena;
    out->rel.info = &x->session->info;
    out->rel.err = x->err;
    out->rel.zone = sb_config_zone(&x->session->config);
}

static sb_status
plan_options(sb_execution *x, sb_plan *plan)
{
    const sb_config *config = &x->session->config;

    plan->config.at = SB_NEW_ARRAY(plan->arena, sb_option, config->count + 1);
    if (plan->config.at == NULL) {
        SB_NOMEM(x->err);
    }
    for (int32_t i = 0; i < config->count; i++) {
        sb_option *option = &plan->config.at[i];

        *option = (sb_option){.key = sb_arena_strdup(plan->arena, config->at[i].key),
                              .value = sb_arena_strdup(plan->arena, config->at[i].value),
                              .position = -1};
        if (option->key == NULL || option->value == NULL) {
            SB_NOMEM(x->err);
        }
    }
    plan->config.count = config->count;
    return SB_OK;
}

/* "filter push-down 2, column pruning 1" */
static sb_status
plan_rules(sb_execution *x, const sb_rel_context *ctx, sb_plan *plan)
{
    sb_text text;

    sb_text_init(&text, x->session->mem);
    for (int i = 0; i < SB_RULE_COUNT; i++) {
        if (ctx->fired[i] > 0) {
            sb_text_printf(&text, "%s%s %d", text.size > 0 ? ", " : "", sb_rule_name((sb_rule)i),
                           ctx->fired[i]);
        }
    }
    plan->rules = sb_text_failed(&text)
                      ? NULL
                      : sb_arena_strdup(plan->arena, text.size > 0 ? text.data : "none");
    sb_text_deinit(&text);
    if (plan->rules == NULL) {
        SB_NOMEM(x->err);
    }
    return SB_OK;
}

static sb_status
plan_build(sb_execution *x, sb_plan *plan, sb_ast_insert *const *inserts, int32_t count,
           const sb_ast_query *query)
{
    sb_binder binder;
    sb_lower lower = {
        .rel = &binder.rel, .config = &x->session->config, .plan = plan, .warnings = &x->warnings};
    int32_t count_sinks = count > 0 ? count : 1;
    sb_rel **sinks = SB_NEW_ARRAY(plan->arena, sb_rel *, count_sinks);
    sb_status failed = SB_OK;

    plan->zone = sb_arena_strdup(plan->arena, sb_config_zone(&x->session->config));
    if (sinks == NULL || plan->zone == NULL) {
        SB_NOMEM(x->err);
    }
    sb_execution_binder(x, plan->arena, &binder);
    binder.rel.zone = plan->zone;
    for (int32_t i = 0; i < count; i++) {
        SB_KEEP(&binder, sb_bind_insert(&binder, inserts[i], &sinks[i]), inserts[i], &failed);
    }
    if (count == 0) {
        SB_KEEP(&binder, sb_bind_collect(&binder, query, &sinks[0]), query, &failed);
    }
    SB_TRY(sb_bind_end(&binder), x->err);
    SB_TRY(sb_optimize(&binder.rel, sinks, count_sinks), x->err);
    SB_TRY(plan_rules(x, &binder.rel, plan), x->err);
    SB_TRY(sb_lower_plan(&lower, sinks, count_sinks), x->err);
    SB_TRY(plan_options(x, plan), x->err);
    x->result->bounded = true;
    for (const sb_rel_table *table = binder.rel.tables; table != NULL; table = table->next) {
        x->result->bounded &= table->source.bounded;
    }
    return SB_OK;
}

/* A copy that owns all it points to and nothing else: what was built refers to the script, and most
 * of what it holds was scaffolding. */
static sb_status
plan_settle(sb_execution *x, const sb_plan *built, sb_plan **out)
{
    sb_writer w;
    sb_reader r;
    sb_status status;

    sb_writer_init(&w, x->session->mem);
    w.is_copy = true;
    sb_plan_write(&w, built);
    if (sb_text_failed(&w.out)) {
        sb_writer_deinit(&w);
        SB_NOMEM(x->err);
    }
    r = sb_reader_of(w.out.data, w.out.size);
    r.names = x->session->info.functions;
    status = sb_plan_read(&r, x->session->mem, out, x->err);
    sb_writer_deinit(&w);
    if (status == SB_OK) {
        (*out)->rules = sb_arena_strdup((*out)->arena, built->rules);
    }
    return status;
}

sb_status
sb_execute_plan(sb_execution *x, sb_ast_insert *const *inserts, int32_t count,
                const sb_ast_query *query, int32_t begin, int32_t end, sb_plan **out)
{
    sb_plan *plan = sb_plan_new(x->session->mem);
    sb_status status;

    if (plan == NULL) {
        SB_NOMEM(x->err);
    }
    plan->sql = sb_arena_strndup(plan->arena, x->script->text + begin, (size_t)(end - begin));
    if (plan->sql == NULL) {
        sb_plan_free(plan);
        SB_NOMEM(x->err);
    }
    status = plan_build(x, plan, inserts, count, query);
    if (status == SB_OK) {
        status = plan_settle(x, plan, out);
    }
    sb_plan_free(plan);
    return status;
}

/* ---- statements ---- */

static sb_status
execute_plan_statement(sb_execution *x, const sb_ast_statement *s)
{
    sb_plan *plan;

    SB_TRY(sb_execute_plan(x, s->inserts, s->count_inserts, s->query, s->begin, s->end, &plan),
           x->err);
    x->result->kind = SB_SQL_RESULT_PLAN;
    x->result->plan = plan;
    x->result->plan_kind = s->kind == SB_AST_QUERY           ? SB_SQL_PLAN_SELECT
                           : s->kind == SB_AST_STATEMENT_SET ? SB_SQL_PLAN_STATEMENT_SET
                                                             : SB_SQL_PLAN_INSERT;
    return SB_OK;
}

static sb_status
execute_explain(sb_execution *x, const sb_ast_statement *s)
{
    const sb_ast_statement *inner = s->explained;
    sb_plan *plan;
    sb_text text;
    bool failed;

    SB_TRY(inner->kind == SB_AST_CREATE_TABLE
               ? sb_explain_create_as(x, inner, &plan)
               : sb_execute_plan(x, inner->inserts, inner->count_inserts, inner->query,
                                 inner->begin, inner->end, &plan),
           x->err);
    sb_text_init(&text, x->session->mem);
    if (s->explain_dot) {
        sb_plan_print_dot(plan, &text);
    } else {
        sb_text_add(&text, "== Optimized Physical Plan ==\n");
        sb_plan_print(plan, s->explain_changelog ? SB_PLAN_CHANGELOG : SB_PLAN_PLAIN, &text);
        if (s->explain_json) {
            sb_text_add(&text, "\n== Physical Execution Plan ==\n");
            sb_plan_print_json(plan, &text);
        }
    }
    x->result->kind = SB_SQL_RESULT_TEXT;
    x->result->message = sb_arena_strdup(x->result->arena, text.data);
    failed = sb_text_failed(&text) || x->result->message == NULL;
    sb_text_deinit(&text);
    sb_plan_free(plan);
    if (failed) {
        SB_NOMEM(x->err);
    }
    return SB_OK;
}

static sb_status
execute_statement(sb_execution *x, const sb_ast_statement *s)
{
    switch (s->kind) {
    case SB_AST_QUERY:
    case SB_AST_INSERT:
    case SB_AST_STATEMENT_SET: return execute_plan_statement(x, s);
    case SB_AST_CREATE_TABLE: return sb_execute_create_table(x, s);
    case SB_AST_CREATE_VIEW: return sb_execute_create_view(x, s);
    case SB_AST_DROP: return sb_execute_drop(x, s);
    case SB_AST_SET: return sb_execute_set(x, s);
    case SB_AST_RESET: return sb_execute_reset(x, s);
    case SB_AST_USE:
        return s->object == SB_AST_OBJECT_MODULE ? sb_execute_use_modules(x, s)
                                                 : sb_execute_use(x, s);
    case SB_AST_LOAD:
    case SB_AST_UNLOAD: return sb_execute_load(x, s);
    case SB_AST_ALTER: return sb_execute_alter(x, s);
    case SB_AST_CREATE_OBJECT:
        return s->object == SB_AST_OBJECT_FUNCTION ? sb_execute_create_function(x, s)
                                                   : sb_execute_create_space(x, s);
    case SB_AST_SHOW: return sb_execute_show(x, s);
    case SB_AST_DESCRIBE: return sb_execute_describe(x, s);
    case SB_AST_EXPLAIN: return execute_explain(x, s);
    default: break;
    }
    SB_FAIL(x->err, SB_STATUS_INTERNAL, "statement of unknown kind %d", (int)s->kind);
}

/* The lines of x->warnings as a list. */
static sb_status
execute_warnings(sb_execution *x)
{
    char *copy, *line;
    int32_t count = 0;

    for (size_t i = 0; i < x->warnings.size; i++) {
        count += x->warnings.data[i] == '\n';
    }
    copy = sb_arena_strdup(x->result->arena, x->warnings.data);
    x->result->warnings = SB_NEW_ARRAY(x->result->arena, const char *, count + 1);
    if (sb_text_failed(&x->warnings) || copy == NULL || x->result->warnings == NULL) {
        SB_NOMEM(x->err);
    }
    for (line = copy; count > 0; count--) {
        char *end = strchr(line, '\n');

        *end = '\0';
        x->result->warnings[x->result->count_warnings++] = line;
        line = end + 1;
    }
    return SB_OK;
}

/* The first of all errors is the one that is given out. */
static sb_status
execute_errors(sb_execution *x, sb_status status)
{
    sb_sql_errors *errors = x->errors;

    if (status == SB_STATUS_NOMEM || x->err == NULL) {
        sb_sql_errors_clear(errors);
        return status;
    }
    if (!errors->is_kept && !sb_sql_errors_add_new(errors, x->err)) {
        return status;
    }
    sb_sql_errors_sort(errors);
    *x->err = errors->at[0];
    return x->err->status;
}

const sb_sql_errors *
sb_sql_session_errors(const sb_sql_session *session)
{
    return &session->errors;
}

void
sb_sql_session_forget_errors(sb_sql_session *session)
{
    sb_sql_errors_clear(&session->errors);
}

sb_status
sb_sql_execute(sb_sql_session *session, const sb_sql_script *script, int32_t index,
               sb_sql_result **out, sb_error *err)
{
    sb_arena *arena = sb_arena_new(session->mem);
    sb_execution x = {.session = session, .script = script, .err = err, .errors = &session->errors};
    sb_status status;

    sb_sql_errors_clear(&session->errors);
    sb_assert(index >= 0 && index < script->count);
    x.result = arena != NULL ? SB_NEW(arena, sb_sql_result) : NULL;
    if (x.result == NULL) {
        sb_arena_free(arena);
        SB_NOMEM(err);
    }
    *x.result = (sb_sql_result){.mem = session->mem, .arena = arena, .message = ""};
    sb_text_init(&x.warnings, session->mem);
    status = execute_statement(&x, script->statements[index]);
    if (status == SB_OK) {
        status = execute_warnings(&x);
    }
    sb_text_deinit(&x.warnings);
    if (status != SB_OK) {
        sb_sql_result_free(x.result);
        return execute_errors(&x, status);
    }
    *out = x.result;
    return SB_OK;
}
