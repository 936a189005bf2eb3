/*
 * sql/execute_module.c -- LOAD MODULE, UNLOAD MODULE, USE MODULES, SHOW MODULES.
 *
 * DESIGN     There is one module, `core`, which has the built-in functions. It can be unloaded as
 *            in Flink: its functions are unknown then, but for those that Flink's parser brings
 *            (sb_module_keeps).
 * THREADS    one thread at a time.
 */
#include <stdlib.h>
#include <string.h>

#include "sql/module.h"
#include "sql/session.h"

#define MODULE_CORE "core"

static sb_status
module_unknown(sb_execution *x, const char *name, int32_t begin, int32_t end)
{
    bool is_core = strcmp(name, MODULE_CORE) == 0;

    (void)sb_sql_error(x->err, SB_SQL_MODULE, begin, end, "module \"%s\" %s", name,
                       is_core ? "is not loaded" : "not found");
    sb_error_hint(x->err, is_core ? "LOAD MODULE core" : "the only module is core");
    return SB_STATUS_NOT_FOUND;
}

static sb_status
module_load(sb_execution *x, const sb_ast_statement *s)
{
    const char *name = s->name.parts[0].text;

    for (int32_t i = 0; i < s->options.count; i++) {
        const sb_option *option = &s->options.at[i];

        if (strcmp(option->key, "type") == 0) {
            (void)sb_sql_error(x->err, SB_SQL_OPTION, option->position,
                               option->position + (int32_t)strlen(option->key) + 2,
                               "a module has no option 'type': its name says which it is");
            return SB_STATUS_INVALID;
        }
    }
    if (strcmp(name, MODULE_CORE) != 0) {
        return module_unknown(x, name, s->name.begin, s->name.end);
    }
    if (!x->session->catalog.no_core) {
        return sb_sql_error(x->err, SB_SQL_MODULE, s->name.begin, s->name.end,
                            "module \"%s\" is loaded already", name);
    }
    if (s->options.count > 0) {
        const sb_option *option = &s->options.at[0];

        return sb_sql_error(x->err, SB_SQL_OPTION, option->position,
                            option->position + (int32_t)strlen(option->key) + 2,
                            "module \"%s\" has no option '%s'", name, option->key);
    }
    x->session->catalog.no_core = false;
    return sb_result_message(x, "module %s loaded", name);
}

static sb_status
module_unload(sb_execution *x, const sb_ast_statement *s)
{
    const char *name = s->name.parts[0].text;

    if (strcmp(name, MODULE_CORE) != 0 || x->session->catalog.no_core) {
        return module_unknown(x, name, s->name.begin, s->name.end);
    }
    x->session->catalog.no_core = true;
    return sb_result_message(x, "module %s unloaded", name);
}

sb_status
sb_execute_load(sb_execution *x, const sb_ast_statement *s)
{
    if (s->name.count > 1) {
        return sb_sql_error(x->err, SB_SQL_SYNTAX, s->name.begin, s->name.end,
                            "a module has a simple name");
    }
    return s->kind == SB_AST_LOAD ? module_load(x, s) : module_unload(x, s);
}

sb_status
sb_execute_use_modules(sb_execution *x, const sb_ast_statement *s)
{
    for (int32_t i = 0; i < s->count_columns; i++) {
        const sb_ast_name *name = &s->columns[i];

        for (int32_t j = 0; j < i; j++) {
            if (strcmp(s->columns[j].text, name->text) == 0) {
                return sb_sql_error(x->err, SB_SQL_DUPLICATE, name->begin, name->end,
                                    "module \"%s\" is there twice", name->text);
            }
        }
        if (strcmp(name->text, MODULE_CORE) != 0 || x->session->catalog.no_core) {
            return module_unknown(x, name->text, name->begin, name->end);
        }
    }
    return sb_result_message(x, "modules in use: core");
}

sb_status
sb_execute_show_modules(sb_execution *x, const sb_ast_statement *s)
{
    static const char *const full[] = {"module name", "?used"};
    static const char *const core[] = {MODULE_CORE, "true"};

    SB_TRY(sb_result_columns(x, full, s->show_full ? 2 : 1), x->err);
    return x->session->catalog.no_core ? SB_OK : sb_result_row(x, core);
}

/* ---- what is there without core ---- */

static int
module_compare(const void *key, const void *element)
{
    return strcmp(key, *(const char *const *)element);
}

static const char *const module_kept[] = {"ABS",
                                          "ACOS",
                                          "ASCII",
                                          "ASIN",
                                          "ATAN",
                                          "ATAN2",
                                          "BIN",
                                          "CARDINALITY",
                                          "CAST",
                                          "CEIL",
                                          "CEILING",
                                          "CHARACTER_LENGTH",
                                          "CHAR_LENGTH",
                                          "CHR",
                                          "CONCAT",
                                          "CONCAT_WS",
                                          "CONVERT_TZ",
                                          "COS",
                                          "COSH",
                                          "COT",
                                          "CURRENT_DATE",
                                          "CURRENT_ROW_TIMESTAMP",
                                          "CURRENT_TIME",
                                          "CURRENT_TIMESTAMP",
                                          "DATE_FORMAT",
                                          "DAYOFMONTH",
                                          "DAYOFWEEK",
                                          "DAYOFYEAR",
                                          "DECODE",
                                          "DEGREES",
                                          "E",
                                          "ELEMENT",
                                          "ENCODE",
                                          "EXP",
                                          "EXTRACT",
                                          "FLOOR",
                                          "FROM_BASE64",
                                          "FROM_UNIXTIME",
                                          "HEX",
                                          "HOUR",
                                          "IF",
                                          "INITCAP",
                                          "INSTR",
                                          "IS_ALPHA",
                                          "IS_DECIMAL",
                                          "IS_DIGIT",
                                          "JSON_ARRAY",
                                          "JSON_EXISTS",
                                          "JSON_OBJECT",
                                          "JSON_QUERY",
                                          "JSON_VALUE",
                                          "LEFT",
                                          "LN",
                                          "LOCALTIME",
                                          "LOCALTIMESTAMP",
                                          "LOCATE",
                                          "LOG",
                                          "LOG10",
                                          "LOG2",
                                          "LOWER",
                                          "LPAD",
                                          "LTRIM",
                                          "MD5",
                                          "MINUTE",
                                          "MOD",
                                          "MONTH",
                                          "NOW",
                                          "NULLIF",
                                          "OVERLAY",
                                          "PARSE_URL",
                                          "PI",
                                          "POSITION",
                                          "POWER",
                                          "PROCTIME",
                                          "QUARTER",
                                          "RADIANS",
                                          "RAND",
                                          "RAND_INTEGER",
                                          "REGEXP",
                                          "REGEXP_EXTRACT",
                                          "REGEXP_REPLACE",
                                          "REPEAT",
                                          "REPLACE",
                                          "REVERSE",
                                          "RIGHT",
                                          "ROUND",
                                          "ROW",
                                          "RPAD",
                                          "RTRIM",
                                          "SECOND",
                                          "SHA1",
                                          "SHA2",
                                          "SHA224",
                                          "SHA256",
                                          "SHA384",
                                          "SHA512",
                                          "SIGN",
                                          "SIN",
                                          "SINH",
                                          "SPLIT_INDEX",
                                          "SQRT",
                                          "STR_TO_MAP",
                                          "SUBSTR",
                                          "SUBSTRING",
                                          "TAN",
                                          "TANH",
                                          "TIMESTAMPADD",
                                          "TIMESTAMPDIFF",
                                          "TO_BASE64",
                                          "TO_DATE",
                                          "TO_TIMESTAMP",
                                          "TRIM",
                                          "TRUNCATE",
                                          "TRY_CAST",
                                          "TRY_PARSE_JSON",
                                          "UNIX_TIMESTAMP",
                                          "UPPER",
                                          "UUID",
                                          "WEEK",
                                          "YEAR"};

bool
sb_module_keeps(const char *name)
{
    return bsearch(name, module_kept, sizeof(module_kept) / sizeof(module_kept[0]),
                   sizeof(module_kept[0]), module_compare) != NULL;
}

sb_status
sb_module_unknown(sb_error *err, const char *name, int32_t begin, int32_t end)
{
    (void)sb_sql_error(err, SB_SQL_FUNCTION_UNKNOWN, begin, end, "unknown function '%s'", name);
    sb_error_hint(err, "module core is not loaded: LOAD MODULE core");
    return SB_STATUS_NOT_FOUND;
}
