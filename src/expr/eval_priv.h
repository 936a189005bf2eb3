/*
 * expr/eval_priv.h -- compiled expressions: steps, registers, selections. Inside this folder only.
 *
 * DESIGN     A program is a flat list of steps. A step reads registers (vectors by physical row)
 * and writes one, or makes a selection out of another. Each step runs under one selection, the rows
 * that need its result; when that is empty the step is left out and its register stays NULL.
 * Selection 0 is the batch's. A selection made by a step is a subset of its parent, so a value
 * computed under a parent serves all its children.
 */
#ifndef SB_EXPR_EVAL_PRIV_H
#define SB_EXPR_EVAL_PRIV_H

#include "expr/function.h"
#include "kernels/compare.h"

typedef enum sb_step_kind {
    SB_STEP_CALL,    /* dst = function(args) */
    SB_STEP_LOGIC,   /* dst = args[0] AND/OR args[1]; args[1] may be computed for the undecided rows
                        only */
    SB_STEP_SPLIT,   /* sel_out = rows of sel where args[0] passes `mode` */
    SB_STEP_COMPARE, /* sel_out = rows of sel where args[0] op args[1] */
    SB_STEP_REST,    /* sel_out = rows of sel that are not in sel_then */
    SB_STEP_UNION,   /* sel_out = rows of sels[0] and of sels[1], which have none in common */
    SB_STEP_MERGE    /* dst = args[i] for the rows of sels[i] */
} sb_step_kind;

typedef enum sb_split_mode {
    SB_SPLIT_TRUE,
    SB_SPLIT_NOT_FALSE, /* TRUE or NULL */
    SB_SPLIT_NOT_TRUE,  /* FALSE or NULL */
    SB_SPLIT_NOT_NULL,
    SB_SPLIT_NULL
} sb_split_mode;

typedef struct sb_eval_step {
    uint8_t kind;
    uint8_t mode;  /* SPLIT: sb_split_mode; COMPARE: sb_compare_op; LOGIC: 1 AND, 0 OR */
    bool constant; /* CALL of constants: runs once, its register stays */
    bool borrowed; /* CALL, in this run: the vector is that of `earlier` */
    int32_t dst;
    int32_t earlier; /* CALL: register that has the same value for other rows; -1: none */
    int32_t sel, sel_then, sel_out;
    int32_t count_args;
    int32_t *args;          /* registers */
    int32_t *sels;          /* MERGE: one per argument; UNION */
    sb_call call;           /* CALL, and the result buffers of LOGIC and MERGE */
    sb_vector *null_result; /* constant NULL of the result type, made on first use */
    sb_vector **vectors;    /* room for the arguments of one run */
} sb_eval_step;

typedef enum sb_register_kind { SB_REG_STEP, SB_REG_COLUMN, SB_REG_LITERAL } sb_register_kind;

typedef struct sb_register {
    uint8_t kind;  /* sb_register_kind */
    bool constant; /* literal or step of constants */
    bool is_output;
    int32_t column;
    int32_t sel; /* computed for the rows of this selection */
    const sb_expr *expr;
    sb_vector *vector; /* COLUMN: borrowed during a run; else one reference */
} sb_register;

typedef struct sb_selection {
    int32_t parent; /* -1: the batch's */
    int32_t count;
    const int32_t *rows; /* NULL: 0..count */
    int32_t *own;        /* buffer of `capacity` rows */
    int32_t capacity;
} sb_selection;

typedef struct sb_program {
    int32_t count_steps, capacity_steps;
    sb_eval_step *steps;
    int32_t count_registers, capacity_registers;
    sb_register *registers;
    int32_t count_selections, capacity_selections;
    sb_selection *selections;
    int32_t *roots; /* register of each expression; predicate: selection 'result' */
    int32_t count_roots;
    int32_t result; /* final selection of the predicate; values without one: 0 */
} sb_program;

struct sb_eval {
    sb_mem *mem;
    sb_arena *arena;
    const sb_schema *input;
    const sb_zone *zone;
    const sb_expr *condition; /* of `values`: for the rows that pass; NULL: for all */
    sb_expr **exprs;
    int32_t count;
    sb_program values;    /* of all expressions, with the condition */
    sb_program predicate; /* compiled on first use; count_selections 0: not yet */
    int32_t length;       /* physical rows of the batch of this run */
    uint8_t *scratch;     /* one byte per dictionary value or row */
    int32_t scratch_size;
    uint64_t *bits; /* combined validity */
    int32_t bits_size;
    uint64_t *chosen;               /* rows of selection `chosen_of` of this run */
    int32_t chosen_size, chosen_of; /* -1: of none */
};

/* What the compiler does itself: sb_impl.code of SB_FN_SPECIAL functions. */
typedef enum sb_special {
    SB_SPECIAL_AND,
    SB_SPECIAL_OR,
    SB_SPECIAL_CASE,
    SB_SPECIAL_COALESCE
} sb_special;

sb_status sb_compile_values(sb_eval *eval, sb_error *err);
sb_status sb_compile_predicate(sb_eval *eval, sb_error *err);
void sb_program_deinit(sb_eval *eval, sb_program *p);

/* Steps that are more than a function call; all set their register or selection. */
sb_status sb_step_logic(sb_eval *eval, sb_program *p, sb_eval_step *s, sb_error *err);
sb_status sb_step_merge(sb_eval *eval, sb_program *p, sb_eval_step *s, sb_error *err);
sb_status sb_step_split(sb_eval *eval, sb_program *p, sb_eval_step *s, sb_error *err);
sb_status sb_step_compare(sb_eval *eval, sb_program *p, sb_eval_step *s, sb_error *err);
sb_status sb_step_rest(sb_eval *eval, sb_program *p, sb_eval_step *s, sb_error *err);
sb_status sb_step_union(sb_eval *eval, sb_program *p, sb_eval_step *s, sb_error *err);
/* Are all rows of a selection in another? */
bool sb_selection_covers(const sb_selection *all, const sb_selection *part);
/* Room for the rows of a selection. */
sb_status sb_selection_reserve(sb_eval *eval, sb_selection *s, int32_t rows, sb_error *err);
/* A column that the run has made, without its validity when no row of the selection is NULL: what
 * follows is then spared to ask. */
sb_status sb_eval_drop_validity(sb_eval *eval, const sb_program *p, int32_t sel, sb_vector *v,
                                sb_error *err);
sb_status sb_eval_bits(sb_eval *eval, int32_t rows, uint64_t **out, sb_error *err);
sb_status sb_eval_scratch(sb_eval *eval, int32_t size, uint8_t **out, sb_error *err);

/* call.c: the only argument that varies, when it is a dictionary small enough to be worth it; else
 * -1. */
int32_t sb_call_dictionary_arg(const sb_call *call);
/* Makes a result per distinct value of that argument and gives it the argument's indexes. The
 * result may not depend on NULLs. */
typedef sb_status (*sb_with_fn)(sb_call *call, const void *with, sb_vector **out, sb_error *err);
sb_status sb_call_over_dictionary(sb_call *call, int32_t arg, sb_with_fn fn, const void *with,
                                  sb_vector **out, sb_error *err);

/* fn_compare.c: the implementation of the six comparisons (sb_impl.code is the sb_compare_op). */
sb_status sb_compare_vector(sb_call *call, sb_vector **out, sb_error *err);
/* Can the pair be compared by a kernel as it is? */
bool sb_compare_is_plain(const sb_type *a, const sb_type *b);
/* fn_cast.c: a field of a ROW. */
extern const sb_impl sb_impl_field;
/* fn_logic.c: IS NULL / IS NOT NULL (code: 1 for NOT). */
sb_status sb_is_null_vector(sb_call *call, sb_vector **out, sb_error *err);

#endif
