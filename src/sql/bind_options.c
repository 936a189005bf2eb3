/*
 * sql/bind_options.c -- what a connector says of a table and its options.
 *
 * DESIGN     A connector refuses one option at a time. It is asked again without the option that it
 *            blames, so that each wrong option is told of. To know which one that is, the options
 *            of the copy it gets have their numbers for places. What it says without blaming an
 *            option ends it, and is told only if it is the first: it may miss what was left out.
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>

#include "sql/bind.h"

#define OPTIONS_MARK (1 << 30) /* places that no text has */

static sb_status
ask_once(const sb_binder *b, const sb_table_desc *desc, sb_source_info *source, sb_sink_info *sink,
         sb_error *err)
{
    const sb_connector_info *info = b->rel.info;

    return source != NULL ? info->source_info(info->ctx, desc, source, err)
                          : info->sink_info(info->ctx, desc, sink, err);
}

static sb_status
ask_place(sb_binder *b, const sb_table_desc *desc, const sb_ast_path *path)
{
    sb_sql_code code = b->rel.err != NULL && b->rel.err->status == SB_STATUS_NOT_FOUND
                           ? SB_SQL_CONNECTOR
                           : SB_SQL_OPTION;

    sb_sql_error_table(b->rel.err, desc->name);
    return sb_sql_error_place(b->rel.err, code, path->begin, path->end);
}

/* The options with their numbers for places. */
static sb_status
ask_marked(sb_binder *b, const sb_table_desc *desc, sb_table_desc *out)
{
    int32_t count = desc->options.count;

    *out = *desc;
    out->options.at = SB_NEW_ARRAY(b->rel.arena, sb_option, count + 1);
    if (out->options.at == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < count; i++) {
        out->options.at[i] = desc->options.at[i];
        out->options.at[i].position = OPTIONS_MARK + i;
    }
    return SB_OK;
}

/* Takes the option that the error blames out of the copy, and gives the error its place in the
 * text. False: it blames none that the others could do without. */
static bool
ask_take_blamed(const sb_table_desc *desc, sb_table_desc *copy, sb_error *err)
{
    int32_t blamed = err->position - OPTIONS_MARK;

    if (blamed < 0 || blamed >= desc->options.count) {
        return false;
    }
    err->position = desc->options.at[blamed].position;
    err->position_end = err->position + 1;
    if (err->position < 0) {
        sb_error_at(err, -1, -1);
    }
    for (int32_t i = 0; i < copy->options.count; i++) {
        if (copy->options.at[i].position == OPTIONS_MARK + blamed) {
            const char *key = copy->options.at[i].key;
            size_t size = strlen(key);

            copy->options.count--;
            memmove(&copy->options.at[i], &copy->options.at[i + 1],
                    sizeof(sb_option) * (size_t)(copy->options.count - i));
            /* without its format nothing can be said of the options of the format */
            return err->status == SB_STATUS_INVALID &&
                   (size < 6 || strcmp(key + size - 6, "format") != 0);
        }
    }
    return false;
}

/* Does the error speak of an option that was taken out? */
static bool
ask_follows(const sb_table_desc *desc, const sb_table_desc *copy, const sb_error *err)
{
    char quoted[128];

    for (int32_t i = 0; i < desc->options.count; i++) {
        const char *key = desc->options.at[i].key;

        snprintf(quoted, sizeof(quoted), "'%s'", key);
        if (sb_options_get(&copy->options, key) == NULL && strstr(err->message, quoted) != NULL) {
            return true;
        }
    }
    return false;
}

sb_status
sb_bind_ask(sb_binder *b, const sb_table_desc *desc, const sb_ast_path *path,
            sb_source_info *source, sb_sink_info *sink)
{
    sb_status status = ask_once(b, desc, source, sink, b->rel.err), failed = SB_OK;
    sb_error first;
    sb_table_desc copy;
    bool more = true;

    if (status == SB_OK) {
        return SB_OK;
    }
    if (b->errors == NULL || b->rel.err == NULL || b->views > 0 || status != SB_STATUS_INVALID) {
        return ask_place(b, desc, path);
    }
    first = *b->rel.err;
    SB_TRY(ask_marked(b, desc, &copy), b->rel.err);
    while (more) {
        sb_error_clear(b->rel.err);
        status = ask_once(b, &copy, source, sink, b->rel.err);
        if (status == SB_OK || b->rel.err->position < OPTIONS_MARK) {
            break;
        }
        bool follows = ask_follows(desc, &copy, b->rel.err);
        more = ask_take_blamed(desc, &copy, b->rel.err);
        if (!follows) {
            SB_KEEP(b, ask_place(b, desc, path), path, &failed);
        }
    }
    if (failed == SB_OK) {
        *b->rel.err = first;
        return ask_place(b, desc, path);
    }
    return sb_bind_settle(b, failed);
}
