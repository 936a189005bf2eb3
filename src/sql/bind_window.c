/*
 * sql/bind_window.c -- TUMBLE and HOP in FROM.
 *
 * THREADS    one thread at a time.
 */
#include <stdlib.h>
#include <string.h>

#include "sql/bind.h"

/* The sizes are kept so that sums of three of them cannot overflow in the operators. */
#define WINDOW_MS_MAX (INT64_C(1) << 50)

static sb_status
window_time(sb_binder *b, const sb_ast_from *from, const sb_rel *input, int32_t *out)
{
    int32_t column = sb_schema_find(&input->schema, sb_str_of(from->time.text));
    const sb_type *type;

    if (column < 0) {
        const char *names[200] = {NULL};
        const char *nearest;
        int32_t count = 0;

        for (; count < input->schema.count && count < 200; count++) {
            names[count] = input->schema.fields[count].name;
        }
        (void)sb_sql_error(b->rel.err, SB_SQL_COLUMN_UNKNOWN, from->time.begin, from->time.end,
                           "column \"%s\" not found", from->time.text);
        nearest = sb_sql_nearest(from->time.text, names, count);
        if (nearest != NULL) {
            sb_error_hint(b->rel.err, "did you mean \"%s\"?", nearest);
        }
        return SB_STATUS_NOT_FOUND;
    }
    if (input->time[column] == SB_TIME_PROCESSING) {
        return sb_sql_error(b->rel.err, SB_SQL_UNSUPPORTED, from->time.begin, from->time.end,
                            "not supported: window over processing time");
    }
    type = &input->schema.fields[column].type;
    if (input->time[column] == SB_TIME_NONE) {
        (void)sb_sql_error(b->rel.err, SB_SQL_TIME_ATTRIBUTE, from->time.begin, from->time.end,
                           "column \"%s\" is not an event-time attribute", from->time.text);
        for (int32_t i = 0; i < input->schema.count; i++) {
            if (input->time[i] == SB_TIME_EVENT) {
                sb_error_hint(b->rel.err, "the event-time attribute here is \"%s\"",
                              input->schema.fields[i].name);
                return SB_STATUS_SEMANTIC;
            }
        }
        if (sb_type_is_timestamp(type)) {
            sb_error_hint(b->rel.err,
                          "declare WATERMARK FOR %s AS %s - INTERVAL '5' SECOND in CREATE TABLE; "
                          "joins, unions of "
                          "unlike columns and aggregates lose it",
                          from->time.text, from->time.text);
        } else {
            sb_error_hint(
                b->rel.err,
                "it needs type TIMESTAMP(3) or TIMESTAMP_LTZ(3) and a WATERMARK in CREATE TABLE");
        }
        return SB_STATUS_SEMANTIC;
    }
    *out = column;
    return SB_OK;
}

static sb_status
window_sizes(sb_binder *b, const sb_ast_from *from, sb_window_spec *out)
{
    sb_error *err = b->rel.err;

    out->kind = from->window == SB_AST_TVF_HOP ? SB_WINDOW_HOP : SB_WINDOW_TUMBLE;
    SB_TRY(sb_bind_duration(b, from->size, "the size of a window", &out->size_ms), err);
    out->slide_ms = out->size_ms;
    if (from->slide != NULL) {
        SB_TRY(sb_bind_duration(b, from->slide, "the slide of a window", &out->slide_ms), err);
    }
    if (from->offset != NULL) {
        SB_TRY(sb_bind_duration(b, from->offset, "the offset of a window", &out->offset_ms), err);
    }
    if (out->size_ms <= 0 || out->size_ms > WINDOW_MS_MAX) {
        return sb_sql_error(err, SB_SQL_WINDOW, from->size->begin, from->size->end,
                            "the size of a window must be above zero%s",
                            out->size_ms > 0 ? " and below 35,000 years" : "");
    }
    if (out->slide_ms <= 0 || out->slide_ms > WINDOW_MS_MAX) {
        return sb_sql_error(err, SB_SQL_WINDOW, from->slide->begin, from->slide->end,
                            "the slide of a window must be above zero%s",
                            out->slide_ms > 0 ? " and below 35,000 years" : "");
    }
    if (out->offset_ms > WINDOW_MS_MAX || out->offset_ms < -WINDOW_MS_MAX) {
        return sb_sql_error(err, SB_SQL_WINDOW, from->offset->begin, from->offset->end,
                            "the offset of a window is too large");
    }
    if (from->window == SB_AST_TVF_TUMBLE && llabs(out->offset_ms) >= out->size_ms) {
        return sb_sql_error(err, SB_SQL_WINDOW, from->offset->begin, from->offset->end,
                            "TUMBLE table function parameters must satisfy abs(offset) < size, but "
                            "got size %lld ms and offset %lld ms",
                            (long long)out->size_ms, (long long)out->offset_ms);
    }
    if (out->size_ms % out->slide_ms != 0) {
        (void)sb_sql_error(err, SB_SQL_WINDOW, from->size->begin, from->size->end,
                           "HOP table function based aggregate requires size must be an integral "
                           "multiple of slide, but got size %lld ms and slide %lld ms",
                           (long long)out->size_ms, (long long)out->slide_ms);
        sb_error_hint(err, "HOP takes the slide first, then the size");
        return SB_STATUS_SEMANTIC;
    }
    return SB_OK;
}

sb_status
sb_bind_window(sb_binder *b, const sb_ast_from *from, sb_rel **out)
{
    sb_scope scope = {0};
    sb_rel *input, *rel;
    const char **names;
    int32_t count;

    SB_TRY(sb_bind_from(b, from->left, &scope), b->rel.err);
    input = (sb_rel *)scope.rel;
    SB_TRY(sb_rel_new(&b->rel, SB_REL_WINDOW, &input, 1, &rel), b->rel.err);
    SB_TRY(window_time(b, from, input, &rel->time_column), b->rel.err);
    SB_TRY(window_sizes(b, from, &rel->window), b->rel.err);
    rel->window.local_zone =
        input->schema.fields[rel->time_column].type.id == SB_TYPE_TIMESTAMP_LTZ;
    rel->begin = from->begin;
    rel->end = from->end;
    count = input->schema.count;
    names = SB_NEW_ARRAY(b->rel.arena, const char *, count + 3);
    if (names == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < count; i++) {
        names[i] = input->schema.fields[i].name;
    }
    names[count] = "window_start";
    names[count + 1] = "window_end";
    names[count + 2] = "window_time";
    if (sb_rel_unique_names(b->rel.arena, names, count + 3) != SB_OK) {
        SB_NOMEM(b->rel.err);
    }
    rel->names = names + count;
    SB_TRY(sb_rel_derive(&b->rel, rel), b->rel.err);
    *out = rel;
    return SB_OK;
}
