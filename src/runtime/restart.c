/*
 * runtime/restart.c -- see restart.h.
 */
#include "runtime/restart.h"

#include <stdio.h>
#include <string.h>

void
sb_restart_options_default(sb_restart_options *out)
{
    *out = (sb_restart_options){.kind = SB_RESTART_DEFAULT,
                                .attempts = 1,
                                .delay_ms = 1000,
                                .max_failures = 1,
                                .failure_interval_ms = 60 * 1000,
                                .initial_backoff_ms = 1000,
                                .max_backoff_ms = 60 * 1000,
                                .backoff_multiplier = 1.5,
                                .reset_threshold_ms = 60 * 60 * 1000,
                                .jitter = 0.1,
                                .max_attempts = 0};
}

static sb_status
check_options(const sb_restart_options *o, sb_error *err)
{
    if (o->attempts < 0 || o->delay_ms < 0 || o->max_failures < 0 ||
        o->max_failures >= SB_RESTART_TIMES || o->failure_interval_ms < 0 || o->max_attempts < 0) {
        SB_FAIL(err, SB_STATUS_INVALID, "restart strategy: a number is negative or too large");
    }
    if (o->initial_backoff_ms < 1 || o->max_backoff_ms < o->initial_backoff_ms) {
        SB_FAIL(err, SB_STATUS_INVALID,
                "restart strategy exponential-delay: initial backoff %lld ms is not in 1 .. max "
                "backoff %lld ms",
                (long long)o->initial_backoff_ms, (long long)o->max_backoff_ms);
    }
    if (!(o->backoff_multiplier > 1.0) || !(o->jitter >= 0.0 && o->jitter <= 1.0)) {
        SB_FAIL(err, SB_STATUS_INVALID,
                "restart strategy exponential-delay: multiplier %g must be above 1, jitter %g in 0 "
                ".. 1",
                o->backoff_multiplier, o->jitter);
    }
    return SB_OK;
}

sb_status
sb_restart_init(sb_restart_state *state, sb_mem *mem, const sb_restart_options *options,
                bool checkpointing, sb_error *err)
{
    memset(state, 0, sizeof *state);
    SB_TRY(check_options(options, err), err);
    state->mem = mem;
    state->options = *options;
    if (options->kind == SB_RESTART_DEFAULT) {
        state->options.kind = checkpointing ? SB_RESTART_EXPONENTIAL_DELAY : SB_RESTART_NONE;
    }
    if (state->options.kind == SB_RESTART_FAILURE_RATE) {
        state->times = sb_alloc_zero(mem, sizeof(int64_t) * (size_t)(options->max_failures + 1));
        if (!state->times) {
            SB_NOMEM(err);
        }
    }
    return SB_OK;
}

void
sb_restart_deinit(sb_restart_state *state)
{
    if (state->times) {
        sb_free(state->mem, state->times,
                sizeof(int64_t) * (size_t)(state->options.max_failures + 1));
        state->times = NULL;
    }
}

static bool
failure_rate(sb_restart_state *state, int64_t now_ms)
{
    int32_t capacity = state->options.max_failures + 1;
    if (state->count_times == capacity) {
        state->first_time = (state->first_time + 1) % capacity;
        state->count_times--;
    }
    state->times[(state->first_time + state->count_times) % capacity] = now_ms;
    state->count_times++;
    return state->count_times < capacity ||
           now_ms - state->times[state->first_time] > state->options.failure_interval_ms;
}

static bool
exponential(sb_restart_state *state, int64_t now_ms, uint64_t random, int64_t *out_delay_ms)
{
    const sb_restart_options *o = &state->options;
    if (state->attempts > 0 && now_ms - state->next_start_ms >= o->reset_threshold_ms) {
        state->attempts = 0;
    }
    if (o->max_attempts > 0 && state->attempts >= o->max_attempts) {
        return false;
    }
    double delay = (double)o->initial_backoff_ms;
    for (int32_t i = 0; i < state->attempts && delay < (double)o->max_backoff_ms; i++) {
        delay *= o->backoff_multiplier;
    }
    delay = delay > (double)o->max_backoff_ms ? (double)o->max_backoff_ms : delay;
    double unit = (double)(random >> 11) / (double)(UINT64_C(1) << 53); /* [0, 1) */
    delay += delay * o->jitter * (2.0 * unit - 1.0);
    *out_delay_ms = (int64_t)delay;
    return true;
}

static void
notice_same(sb_restart_state *state, sb_error *failure)
{
    if (strncmp(state->last_message, failure->message, sizeof state->last_message - 1) == 0) {
        state->same++;
    } else {
        state->same = 1;
        snprintf(state->last_message, sizeof state->last_message, "%.255s", failure->message);
    }
    if (state->same >= 3) {
        sb_error_hint(failure,
                      "the same failure came %d times in a row without a checkpoint between: the "
                      "input probably holds a record "
                      "that always fails; starting again will not help",
                      state->same);
    }
}

bool
sb_restart_next(sb_restart_state *state, int64_t now_ms, uint64_t random, sb_error *failure,
                int64_t *out_delay_ms)
{
    bool again = false;
    notice_same(state, failure);
    *out_delay_ms = state->options.delay_ms;
    switch (state->options.kind) {
    case SB_RESTART_DEFAULT:
    case SB_RESTART_NONE: break;
    case SB_RESTART_FIXED_DELAY: again = state->attempts < state->options.attempts; break;
    case SB_RESTART_FAILURE_RATE: again = failure_rate(state, now_ms); break;
    case SB_RESTART_EXPONENTIAL_DELAY:
        again = exponential(state, now_ms, random, out_delay_ms);
        break;
    }
    if (again) {
        state->attempts++;
        state->next_start_ms = now_ms + *out_delay_ms;
    }
    return again;
}

void
sb_restart_progress(sb_restart_state *state)
{
    state->same = 0;
    state->last_message[0] = '\0';
}
