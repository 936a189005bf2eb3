/*
 * expr/compile.c -- from expression trees to flat programs. See eval_priv.h.
 *
 * DESIGN     Equal deterministic subexpressions share a register when the one computed first covers
 * the rows of the second. AND and OR evaluate later arguments for all rows when that is cheap and
 * cannot fail, else only for the rows that are still open; costly arguments come last where none
 * can fail. Conditions (filters, CASE WHEN) become selections without a column of booleans. A
 * costly call that was computed for other rows is taken from there when, in a run, those cover the
 * rows.
 */
#include "expr/eval_priv.h"

#include <string.h>

typedef struct compiler {
    sb_eval *eval;
    sb_program *p;
    sb_error *err;
} compiler;

/* Doubles an arena array when it is full. */
static sb_status
grow(sb_arena *arena, void **array, int32_t count, int32_t *capacity, size_t size, sb_error *err)
{
    if (count < *capacity) {
        return SB_OK;
    }
    int32_t more = *capacity ? *capacity * 2 : 16;
    void *bigger = sb_arena_alloc(arena, size * (size_t)more);
    if (!bigger) {
        SB_NOMEM(err);
    }
    if (count) {
        memcpy(bigger, *array, size * (size_t)count);
    }
    *array = bigger;
    *capacity = more;
    return SB_OK;
}

static sb_status
add_register(compiler *c, sb_register_kind kind, const sb_expr *expr, int32_t sel, int32_t *out)
{
    sb_program *p = c->p;
    SB_TRY(grow(c->eval->arena, (void **)&p->registers, p->count_registers, &p->capacity_registers,
                sizeof *p->registers, c->err),
           c->err);
    p->registers[p->count_registers] =
        (sb_register){.kind = (uint8_t)kind, .expr = expr, .sel = sel};
    *out = p->count_registers++;
    return SB_OK;
}

static sb_status
add_selection(compiler *c, int32_t parent, int32_t *out)
{
    sb_program *p = c->p;
    SB_TRY(grow(c->eval->arena, (void **)&p->selections, p->count_selections,
                &p->capacity_selections, sizeof *p->selections, c->err),
           c->err);
    p->selections[p->count_selections] = (sb_selection){.parent = parent};
    *out = p->count_selections++;
    return SB_OK;
}

static sb_status
add_step(compiler *c, sb_step_kind kind, int32_t sel, int32_t count_args, const int32_t *args,
         sb_eval_step **out)
{
    sb_program *p = c->p;
    sb_arena *arena = c->eval->arena;
    SB_TRY(grow(arena, (void **)&p->steps, p->count_steps, &p->capacity_steps, sizeof *p->steps,
                c->err),
           c->err);
    sb_eval_step *s = &p->steps[p->count_steps++];
    *s = (sb_eval_step){.kind = (uint8_t)kind, .sel = sel, .count_args = count_args, .earlier = -1};
    s->args = SB_NEW_ARRAY(arena, int32_t, count_args + 1);
    s->vectors = SB_NEW_ARRAY(arena, sb_vector *, count_args + 1);
    if (!s->args || !s->vectors) {
        SB_NOMEM(c->err);
    }
    if (count_args) {
        memcpy(s->args, args, sizeof *args * (size_t)count_args);
    }
    sb_text_init(&s->call.text, c->eval->mem);
    s->call.mem = c->eval->mem;
    s->call.zone = c->eval->zone;
    *out = s;
    return SB_OK;
}

static bool
is_within(const sb_program *p, int32_t sel, int32_t ancestor)
{
    while (sel >= 0 && sel != ancestor) {
        sel = p->selections[sel].parent;
    }
    return sel == ancestor;
}

/* A register that holds the value for all rows of sel already; -1: none. */
static int32_t
find_register(const compiler *c, const sb_expr *expr, int32_t sel)
{
    if (sb_expr_determinism(expr) == SB_PER_RECORD) {
        return -1;
    }
    for (int32_t i = 0; i < c->p->count_registers; i++) {
        const sb_register *r = &c->p->registers[i];
        if (r->expr && is_within(c->p, sel, r->sel) && sb_expr_equal(r->expr, expr)) {
            return i;
        }
    }
    return -1;
}

/* The latest register with the value of a costly call, whatever its rows; -1: none. */
static int32_t
find_earlier(const compiler *c, const sb_expr *expr)
{
    if (sb_expr_weight(expr) < SB_WEIGHT_HEAVY || sb_expr_determinism(expr) == SB_PER_RECORD) {
        return -1;
    }
    for (int32_t i = c->p->count_registers - 1; i >= 0; i--) {
        const sb_register *r = &c->p->registers[i];
        if (r->kind == SB_REG_STEP && r->expr && sb_expr_equal(r->expr, expr)) {
            return i;
        }
    }
    return -1;
}

/* The arguments of AND and OR: costly ones behind the others, when that cannot change which row
 * fails or draws a random number. */
static sb_status
order_args(compiler *c, const sb_expr *e, const sb_expr ***out)
{
    const sb_expr **args = SB_NEW_ARRAY(c->eval->arena, const sb_expr *, e->count_args + 1);
    bool free = true;
    int32_t n = 0;
    if (!args) {
        SB_NOMEM(c->err);
    }
    for (int32_t i = 0; i < e->count_args; i++) {
        free = free && !sb_expr_can_fail(e->args[i]) &&
               sb_expr_determinism(e->args[i]) != SB_PER_RECORD;
    }
    for (int heavy = 0; heavy < 2; heavy++) {
        for (int32_t i = 0; i < e->count_args; i++) {
            bool is_heavy = free && sb_expr_weight(e->args[i]) >= SB_WEIGHT_HEAVY;
            if (is_heavy == heavy) {
                args[n++] = e->args[i];
            }
        }
    }
    *out = args;
    return SB_OK;
}

static sb_status compile_expr(compiler *c, const sb_expr *expr, int32_t sel, int32_t *out);
static sb_status compile_condition(compiler *c, const sb_expr *expr, int32_t sel, int32_t *out);

static sb_status
compile_literal(compiler *c, const sb_expr *e, int32_t *out)
{
    union {
        uint8_t b;
        int8_t i8;
        int16_t i16;
        int32_t i32;
        float f32;
    } narrow;

    const void *value = &e->value;
    switch (sb_type_phys(&e->type)) {
    case SB_PHYS_BOOL:
        narrow.b = e->value.i64 != 0;
        value = &narrow;
        break;
    case SB_PHYS_I8:
        narrow.i8 = (int8_t)e->value.i64;
        value = &narrow;
        break;
    case SB_PHYS_I16:
        narrow.i16 = (int16_t)e->value.i64;
        value = &narrow;
        break;
    case SB_PHYS_I32:
        narrow.i32 = (int32_t)e->value.i64;
        value = &narrow;
        break;
    case SB_PHYS_F32:
        narrow.f32 = (float)e->value.f64;
        value = &narrow;
        break;
    default: break;
    }
    SB_TRY(add_register(c, SB_REG_LITERAL, e, 0, out), c->err);
    sb_register *r = &c->p->registers[*out];
    r->constant = true;
    r->vector = sb_vector_const(c->eval->mem, &e->type, e->is_null ? NULL : value, 1);
    if (!r->vector) {
        SB_NOMEM(c->err);
    }
    return SB_OK;
}

static bool
own_can_fail(const sb_expr *e)
{
    const sb_impl *impl = e->function->impl;
    return impl->can_fail ? impl->can_fail(e) : (e->function->flags & SB_FN_CAN_FAIL) != 0;
}

static sb_status
compile_call(compiler *c, const sb_expr *e, int32_t sel, int32_t *out)
{
    int32_t *args = SB_NEW_ARRAY(c->eval->arena, int32_t, e->count_args + 1);
    bool constant = sb_expr_determinism(e) == SB_DETERMINISTIC;
    if (!args) {
        SB_NOMEM(c->err);
    }
    for (int32_t i = 0; i < e->count_args; i++) {
        SB_TRY(compile_expr(c, e->args[i], sel, &args[i]), c->err);
        constant = constant && c->p->registers[args[i]].constant;
    }
    sb_eval_step *s = NULL;
    int32_t dst, earlier = find_earlier(c, e);
    SB_TRY(add_register(c, SB_REG_STEP, e, sel, &dst), c->err);
    SB_TRY(add_step(c, SB_STEP_CALL, sel, e->count_args, args, &s), c->err);
    s->dst = dst;
    s->earlier = earlier;
    s->constant = constant;
    s->call.expr = e;
    s->call.can_fail = own_can_fail(e);
    c->p->registers[dst].constant = constant;
    if (e->function->impl->prepare) {
        SB_TRY(e->function->impl->prepare(&s->call, c->eval->arena, c->err), c->err);
    }
    *out = dst;
    return SB_OK;
}

static sb_status
compile_split(compiler *c, int32_t reg, sb_split_mode mode, int32_t sel, int32_t *out)
{
    sb_eval_step *s = NULL;
    SB_TRY(add_step(c, SB_STEP_SPLIT, sel, 1, &reg, &s), c->err);
    int32_t index = c->p->count_steps - 1;
    SB_TRY(add_selection(c, sel, out), c->err);
    c->p->steps[index].mode = (uint8_t)mode;
    c->p->steps[index].sel_out = *out;
    return SB_OK;
}

static sb_status
compile_rest(compiler *c, int32_t sel, int32_t then, int32_t *out)
{
    sb_eval_step *s = NULL;
    SB_TRY(add_step(c, SB_STEP_REST, sel, 0, NULL, &s), c->err);
    s->sel_then = then;
    int32_t index = c->p->count_steps - 1;
    SB_TRY(add_selection(c, sel, out), c->err);
    c->p->steps[index].sel_out = *out;
    return SB_OK;
}

static bool
is_special(const sb_expr *e, sb_special code)
{
    return e->kind == SB_EXPR_CALL && (e->function->flags & SB_FN_SPECIAL) &&
           e->function->impl->code == (int)code;
}

/* AND / OR as a value. */
static sb_status
compile_logic(compiler *c, const sb_expr *e, int32_t sel, int32_t *out)
{
    bool and = e->function->impl->code == SB_SPECIAL_AND;
    int32_t pair[2];
    const sb_expr **args;
    SB_TRY(order_args(c, e, &args), c->err);
    SB_TRY(compile_expr(c, args[0], sel, &pair[0]), c->err);
    for (int32_t i = 1; i < e->count_args; i++) {
        const sb_expr *arg = args[i];
        int32_t inner = sel;
        if (sb_expr_can_fail(arg) || !sb_expr_is_cheap(arg)) {
            SB_TRY(
                compile_split(c, pair[0], and? SB_SPLIT_NOT_FALSE : SB_SPLIT_NOT_TRUE, sel, &inner),
                c->err);
        }
        SB_TRY(compile_expr(c, arg, inner, &pair[1]), c->err);
        bool last = i == e->count_args - 1;
        sb_eval_step *s = NULL;
        int32_t dst;
        SB_TRY(add_register(c, SB_REG_STEP, last ? e : NULL, sel, &dst), c->err);
        SB_TRY(add_step(c, SB_STEP_LOGIC, sel, 2, pair, &s), c->err);
        s->dst = dst;
        s->mode = and;
        s->call.expr = e;
        pair[0] = dst;
    }
    *out = pair[0];
    return SB_OK;
}

static sb_status
compile_merge(compiler *c, const sb_expr *e, int32_t sel, int32_t count, const int32_t *values,
              const int32_t *sels, int32_t *out)
{
    sb_eval_step *s = NULL;
    SB_TRY(add_register(c, SB_REG_STEP, e, sel, out), c->err);
    SB_TRY(add_step(c, SB_STEP_MERGE, sel, count, values, &s), c->err);
    s->sels = sb_arena_memdup(c->eval->arena, sels, sizeof *sels * (size_t)count);
    if (!s->sels) {
        SB_NOMEM(c->err);
    }
    s->dst = *out;
    s->call.expr = e;
    return SB_OK;
}

static sb_status
compile_case(compiler *c, const sb_expr *e, int32_t sel, int32_t *out)
{
    int32_t branches = e->count_args / 2 + 1;
    int32_t *values = SB_NEW_ARRAY(c->eval->arena, int32_t, branches * 2);
    int32_t *sels = values + branches, rest = sel;
    if (!values) {
        SB_NOMEM(c->err);
    }
    for (int32_t i = 0; i < branches - 1; i++) {
        SB_TRY(compile_condition(c, e->args[2 * i], rest, &sels[i]), c->err);
        int32_t then = sels[i];
        SB_TRY(compile_rest(c, rest, then, &rest), c->err);
        SB_TRY(compile_expr(c, e->args[2 * i + 1], then, &values[i]), c->err);
    }
    sels[branches - 1] = rest;
    SB_TRY(compile_expr(c, e->args[e->count_args - 1], rest, &values[branches - 1]), c->err);
    return compile_merge(c, e, sel, branches, values, sels, out);
}

static sb_status
compile_coalesce(compiler *c, const sb_expr *e, int32_t sel, int32_t *out)
{
    int32_t *values = SB_NEW_ARRAY(c->eval->arena, int32_t, e->count_args * 2);
    int32_t *sels = values + e->count_args, rest = sel, count = 0;
    if (!values) {
        SB_NOMEM(c->err);
    }
    for (; count < e->count_args; count++) {
        SB_TRY(compile_expr(c, e->args[count], rest, &values[count]), c->err);
        if (count == e->count_args - 1 || !e->args[count]->type.nullable) {
            sels[count++] = rest;
            break;
        }
        SB_TRY(compile_split(c, values[count], SB_SPLIT_NOT_NULL, rest, &sels[count]), c->err);
        SB_TRY(compile_rest(c, rest, sels[count], &rest), c->err);
    }
    return compile_merge(c, e, sel, count, values, sels, out);
}

static sb_status
compile_expr(compiler *c, const sb_expr *e, int32_t sel, int32_t *out)
{
    *out = find_register(c, e, sel);
    if (*out >= 0) {
        return SB_OK;
    }
    if (e->kind == SB_EXPR_COLUMN) {
        sb_assert(e->column >= 0 && e->column < c->eval->input->count);
        SB_TRY(add_register(c, SB_REG_COLUMN, e, 0, out), c->err);
        c->p->registers[*out].column = e->column;
        return SB_OK;
    }
    if (e->kind == SB_EXPR_LITERAL) {
        return compile_literal(c, e, out);
    }
    if (!(e->function->flags & SB_FN_SPECIAL)) {
        return compile_call(c, e, sel, out);
    }
    switch ((sb_special)e->function->impl->code) {
    case SB_SPECIAL_CASE: return compile_case(c, e, sel, out);
    case SB_SPECIAL_COALESCE: return compile_coalesce(c, e, sel, out);
    default: return compile_logic(c, e, sel, out);
    }
}

static sb_status
compile_compare(compiler *c, const sb_expr *e, int32_t sel, int32_t *out)
{
    int32_t args[2];
    sb_eval_step *s = NULL;
    SB_TRY(compile_expr(c, e->args[0], sel, &args[0]), c->err);
    SB_TRY(compile_expr(c, e->args[1], sel, &args[1]), c->err);
    SB_TRY(add_step(c, SB_STEP_COMPARE, sel, 2, args, &s), c->err);
    s->mode = (uint8_t)e->function->impl->code;
    s->call.expr = e;
    int32_t index = c->p->count_steps - 1;
    SB_TRY(add_selection(c, sel, out), c->err);
    c->p->steps[index].sel_out = *out;
    return SB_OK;
}

static sb_status
compile_all(compiler *c, const sb_expr *e, int32_t sel, int32_t *out)
{
    const sb_expr **args;
    SB_TRY(order_args(c, e, &args), c->err);
    *out = sel;
    for (int32_t i = 0; i < e->count_args; i++) {
        SB_TRY(compile_condition(c, args[i], *out, out), c->err);
    }
    return SB_OK;
}

/* Is there an argument of OR that should be computed for open rows only? */
static bool
has_costly(const sb_expr *e)
{
    for (int32_t i = 0; i < e->count_args; i++) {
        if (sb_expr_can_fail(e->args[i]) || !sb_expr_is_cheap(e->args[i])) {
            return true;
        }
    }
    return false;
}

/* OR: each argument for the rows where none before it was TRUE. */
static sb_status
compile_any(compiler *c, const sb_expr *e, int32_t sel, int32_t *out)
{
    const sb_expr **args;
    int32_t rest = sel, sels[2];
    SB_TRY(order_args(c, e, &args), c->err);
    SB_TRY(compile_condition(c, args[0], sel, &sels[0]), c->err);
    for (int32_t i = 1; i < e->count_args; i++) {
        sb_eval_step *s = NULL;
        int32_t before = i == 1 ? sels[0] : sels[1]; /* found among `rest` */
        SB_TRY(compile_rest(c, rest, before, &rest), c->err);
        SB_TRY(compile_condition(c, args[i], rest, &sels[1]), c->err);
        SB_TRY(add_step(c, SB_STEP_UNION, sel, 0, NULL, &s), c->err);
        s->sels = sb_arena_memdup(c->eval->arena, sels, sizeof sels);
        if (!s->sels) {
            SB_NOMEM(c->err);
        }
        int32_t index = c->p->count_steps - 1;
        SB_TRY(add_selection(c, sel, out), c->err);
        c->p->steps[index].sel_out = *out;
        sels[0] = *out;
    }
    return SB_OK;
}

/* The rows of sel where a BOOLEAN expression is TRUE. */
static sb_status
compile_condition(compiler *c, const sb_expr *e, int32_t sel, int32_t *out)
{
    int32_t reg;
    if (is_special(e, SB_SPECIAL_AND)) {
        return compile_all(c, e, sel, out);
    }
    if (is_special(e, SB_SPECIAL_OR) && e->count_args > 1 && has_costly(e) &&
        find_register(c, e, sel) < 0) {
        return compile_any(c, e, sel, out);
    }
    if (e->kind == SB_EXPR_CALL && find_register(c, e, sel) < 0) {
        const sb_impl *impl = e->function->impl;
        if (impl->vector == sb_compare_vector &&
            sb_compare_is_plain(&e->args[0]->type, &e->args[1]->type)) {
            return compile_compare(c, e, sel, out);
        }
        if (impl->vector == sb_is_null_vector) {
            SB_TRY(compile_expr(c, e->args[0], sel, &reg), c->err);
            return compile_split(c, reg, impl->code ? SB_SPLIT_NOT_NULL : SB_SPLIT_NULL, sel, out);
        }
    }
    SB_TRY(compile_expr(c, e, sel, &reg), c->err);
    return compile_split(c, reg, SB_SPLIT_TRUE, sel, out);
}

sb_status
sb_compile_values(sb_eval *eval, sb_error *err)
{
    compiler c = {eval, &eval->values, err};
    int32_t root;
    SB_TRY(add_selection(&c, -1, &root), err);
    if (eval->condition) {
        SB_TRY(compile_condition(&c, eval->condition, root, &root), err);
    }
    eval->values.result = root;
    eval->values.roots = SB_NEW_ARRAY(eval->arena, int32_t, eval->count + 1);
    if (!eval->values.roots) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < eval->count; i++) {
        SB_TRY(compile_expr(&c, eval->exprs[i], root, &eval->values.roots[i]), err);
        eval->values.registers[eval->values.roots[i]].is_output = true;
    }
    eval->values.count_roots = eval->count;
    return SB_OK;
}

sb_status
sb_compile_predicate(sb_eval *eval, sb_error *err)
{
    compiler c = {eval, &eval->predicate, err};
    int32_t root;
    SB_TRY(add_selection(&c, -1, &root), err);
    return compile_condition(&c, eval->exprs[0], root, &eval->predicate.result);
}

void
sb_program_deinit(sb_eval *eval, sb_program *p)
{
    for (int32_t i = 0; i < p->count_steps; i++) {
        sb_eval_step *s = &p->steps[i];
        if (s->kind == SB_STEP_CALL && s->call.expr && s->call.state &&
            s->call.expr->function->impl->release) {
            s->call.expr->function->impl->release(s->call.state);
        }
        sb_text_deinit(&s->call.text);
        sb_vector_unref(s->call.spare);
        sb_vector_unref(s->null_result);
    }
    for (int32_t i = 0; i < p->count_registers; i++) {
        if (p->registers[i].kind != SB_REG_COLUMN) {
            sb_vector_unref(p->registers[i].vector);
        }
    }
    for (int32_t i = 0; i < p->count_selections; i++) {
        sb_free(eval->mem, p->selections[i].own,
                sizeof(int32_t) * (size_t)p->selections[i].capacity);
    }
    *p = (sb_program){0};
}
