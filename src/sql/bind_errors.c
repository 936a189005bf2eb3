/*
 * sql/bind_errors.c -- all errors of a statement, not only the first.
 *
 * DESIGN     Parts that do not depend on each other (items of a select list, arguments of a call,
 *            conjuncts, clauses) are bound one by one; the error of one is kept and the next is
 *            bound. When the last is done, the whole fails with an error that is kept already, so
 *            nothing that is made of the parts is looked at: no error follows from another one.
 *            Inside a view nothing is kept: its places are not those of the statement.
 * THREADS    one thread at a time.
 */
#include "sql/bind.h"

/* Out of memory, a limit or a bug: going on would be of no use. */
static bool
errors_end(sb_status status)
{
    return status == SB_STATUS_NOMEM || status == SB_STATUS_LIMIT || status == SB_STATUS_INTERNAL ||
           status == SB_STATUS_CANCELLED || status == SB_STATUS_TIMEOUT;
}

sb_status
sb_bind_keep(sb_binder *b, sb_status status, int32_t begin, int32_t end, sb_status *failed)
{
    sb_sql_errors *errors = b->errors;
    sb_error *err = b->rel.err;

    if (status == SB_OK) {
        return SB_OK;
    }
    if (errors == NULL || err == NULL || b->views > 0 || errors_end(status)) {
        return status;
    }
    if (!errors->is_kept) {
        if (begin >= 0) {
            (void)sb_sql_error_place(err, SB_SQL_TYPE, begin, end);
        }
        if (!sb_sql_errors_add_new(errors, err)) {
            return status;
        }
    }
    *failed = *failed == SB_OK ? status : *failed;
    if (errors->count >= SB_SQL_STATEMENT_ERRORS_MAX) {
        return sb_bind_settle(b, status);
    }
    errors->is_kept = false;
    sb_error_clear(err);
    return SB_OK;
}

sb_status
sb_bind_settle(sb_binder *b, sb_status failed)
{
    if (failed == SB_OK) {
        return SB_OK;
    }
    *b->rel.err = b->errors->at[b->errors->count - 1];
    b->errors->is_kept = true;
    return failed;
}

sb_status
sb_bind_end(sb_binder *b)
{
    sb_sql_errors *errors = b->errors;

    return errors != NULL && errors->count > 0
               ? sb_bind_settle(b, errors->at[errors->count - 1].status)
               : SB_OK;
}
