/*
 * sql/execute_set.c -- SET and RESET.
 *
 * THREADS    one thread at a time.
 */
#include "sql/session.h"

sb_status
sb_execute_set(sb_execution *x, const sb_ast_statement *s)
{
    static const char *const names[] = {"key", "value"};
    const char *nearest;

    if (s->key == NULL) {
        SB_TRY(sb_result_columns(x, names, 2), x->err);
        for (int32_t i = 0; i < x->session->config.count; i++) {
            const char *cells[] = {x->session->config.at[i].key, x->session->config.at[i].value};

            SB_TRY(sb_result_row(x, cells), x->err);
        }
        return SB_OK;
    }
    if (sb_config_set(&x->session->config, s->key, s->value, x->err) != SB_OK) {
        return sb_sql_error_place(x->err, SB_SQL_OPTION, s->value_begin, s->value_end);
    }
    if (!sb_config_known(s->key, &nearest)) {
        sb_text_printf(&x->warnings, "option '%s' is not known", s->key);
        if (nearest != NULL) {
            sb_text_printf(&x->warnings, ": did you mean '%s'?", nearest);
        }
        sb_text_char(&x->warnings, '\n');
    }
    return sb_result_message(x, "%s = %s", s->key, s->value);
}

sb_status
sb_execute_reset(sb_execution *x, const sb_ast_statement *s)
{
    sb_config_reset(&x->session->config, s->key);
    return s->key != NULL ? sb_result_message(x, "%s reset", s->key)
                          : sb_result_message(x, "all options reset");
}
