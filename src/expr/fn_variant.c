/*
 * expr/fn_variant.c -- PARSE_JSON, TRY_PARSE_JSON, parts of a VARIANT, VARIANT as text.
 *
 * DESIGN     A part is a value of its own: all names of the whole and the bytes of the part.
 */
#include "expr/cast.h"
#include "expr/infer.h"
#include "expr/variant_build.h"
#include "kernels/variant.h"

/* ---- PARSE_JSON ---- */

static sb_status
parse_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    sb_variant_builder *b = SB_NEW(arena, sb_variant_builder);
    if (!b) {
        SB_NOMEM(err);
    }
    sb_variant_builder_init(b, call->mem);
    call->state = b;
    return SB_OK;
}

static void
parse_release(void *state)
{
    sb_variant_builder_deinit(state);
}

static sb_status
parse_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_variant_builder *b = call->state;
    sb_str json = sb_arg_str(args[0]);
    b->allow_duplicates = call->expr->count_args > 1 && *(const uint8_t *)args[1];
    if (sb_variant_from_json(b, json, &call->text)) {
        return sb_call_text(call, out, err);
    }
    if (!b->why) {
        SB_NOMEM(err);
    }
    if (call->expr->function->impl->code) {
        call->is_null = true;
        return SB_OK;
    }
    SB_FAIL(err, SB_STATUS_DATA, "PARSE_JSON of '%.*s%s': %s",
            (int)(json.size < 60 ? json.size : 60), json.data, json.size < 60 ? "" : "...", b->why);
}

const sb_impl sb_impl_parse_json = {
    .row = parse_row, .prepare = parse_prepare, .release = parse_release, .code = 0};
const sb_impl sb_impl_try_parse_json = {
    .row = parse_row, .prepare = parse_prepare, .release = parse_release, .code = 1};

/* ---- x[...] ---- */

static sb_status
item_infer(sb_infer *in, sb_error *err)
{
    if (in->count != 2 || in->args[0]->type.id != SB_TYPE_VARIANT) {
        return sb_infer_mismatch(in, err);
    }
    const sb_type *at = &in->args[1]->type;
    if (sb_type_is_integer(at)) {
        SB_TRY(sb_infer_cast(in, 1, SB_TYPE(BIGINT, true), err), err);
    } else if (!sb_type_is_string(at)) {
        return sb_infer_mismatch(in, err);
    }
    in->type = SB_TYPE(VARIANT, true);
    return SB_OK;
}

static sb_status
item_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    bool by_name = sb_type_is_string(sb_call_arg_type(call, 1));
    sb_variant whole, part;
    if (!sb_variant_open(sb_arg_str(args[0]), &whole)) {
        SB_FAIL(err, SB_STATUS_DATA, "a VARIANT is damaged");
    }
    if (sb_variant_kind(&whole) != (by_name ? SB_VARIANT_OBJECT : SB_VARIANT_ARRAY)) {
        SB_FAIL(err, SB_STATUS_DATA, "a VARIANT that is no %s has no part at %s",
                by_name ? "object" : "array", by_name ? "a name" : "a position");
    }
    bool found = by_name ? sb_variant_field(&whole, sb_arg_str(args[1]), &part)
                         : sb_variant_element(&whole, *(const int64_t *)args[1] - 1, &part);
    if (!found) {
        call->is_null = true;
        return SB_OK;
    }
    char *to = NULL;
    size_t names = whole.metadata.size;
    SB_TRY(sb_call_room(call, names + part.value.size, &to, err), err);
    __builtin_memcpy(to, whole.metadata.data, names);
    __builtin_memcpy(to + names, part.value.data, part.value.size);
    return sb_call_take(call, out, to, names + part.value.size, err);
}

const sb_impl sb_impl_variant_item = {.infer = item_infer, .row = item_row};

/* ---- to text ---- */

sb_status
sb_variant_to_text(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_text_clear(&call->text);
    sb_variant_write_json(sb_arg_str(args[0]), &call->text);
    if (sb_text_failed(&call->text)) {
        SB_NOMEM(err);
    }
    return sb_cast_fit_text(call, out, err);
}
