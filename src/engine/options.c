/*
 * engine/options.c -- see options.h. To add a key: a row in plan/settings.def, a field in
 * sb_engine_config and a row here.
 */
#include "engine/options.h"

#include <string.h>

#include "plan/settings.h"
#include "sabot/sabot.h"

#define BIND(key, field)                       \
    {                                          \
        key, offsetof(sb_engine_config, field) \
    }

/* Where the value of a key goes; the type of the field follows from the form of the key. */
static const struct binding {
    const char *key;
    size_t offset;
} bindings[] = {
    BIND("execution.checkpointing.interval", checkpoint_interval_ms),
    BIND("execution.checkpointing.mode", checkpoint_mode),
    BIND("execution.checkpointing.timeout", checkpoint_timeout_ms),
    BIND("execution.checkpointing.min-pause", checkpoint_min_pause_ms),
    BIND("execution.checkpointing.tolerable-failed-checkpoints", checkpoint_tolerable),
    BIND("execution.checkpointing.num-retained", checkpoint_retained),
    BIND("state.checkpoints.num-retained", checkpoint_retained),
    BIND("execution.checkpointing.unaligned.enabled", checkpoint_unaligned),
    BIND("execution.checkpointing.unaligned", checkpoint_unaligned),
    BIND("execution.checkpointing.no-fallback", checkpoint_no_fallback),
    BIND("execution.checkpointing.dir", checkpoint_dir),
    BIND("state.checkpoints.dir", checkpoint_dir),
    BIND("state.dir", state_dir),
    BIND("restart-strategy.type", restart_kind),
    BIND("restart-strategy", restart_kind),
    BIND("restart-strategy.fixed-delay.attempts", fixed_attempts),
    BIND("restart-strategy.fixed-delay.delay", fixed_delay_ms),
    BIND("restart-strategy.failure-rate.max-failures-per-interval", rate_failures),
    BIND("restart-strategy.failure-rate.failure-rate-interval", rate_interval_ms),
    BIND("restart-strategy.failure-rate.delay", rate_delay_ms),
    BIND("restart-strategy.exponential-delay.initial-backoff", exp_initial_ms),
    BIND("restart-strategy.exponential-delay.max-backoff", exp_max_ms),
    BIND("restart-strategy.exponential-delay.backoff-multiplier", exp_multiplier),
    BIND("restart-strategy.exponential-delay.reset-backoff-threshold", exp_reset_ms),
    BIND("restart-strategy.exponential-delay.jitter-factor", exp_jitter),
    BIND("restart-strategy.exponential-delay.attempts-before-reset-backoff", exp_attempts),
    BIND("parallelism.default", parallelism),
    BIND("table.exec.resource.default-parallelism", parallelism),
    BIND("execution.workers", workers),
    BIND("execution.batch-rows", batch_rows),
    BIND("execution.ring-size", ring_bytes),
    BIND("memory.limit", memory_limit),
    BIND("memory.prefault", memory_prefault),
    BIND("scan.interleave", interleave),
    BIND("execution.runtime-mode", runtime_mode),
    BIND("engine.threads", threads),
    BIND("engine.seed", seed),
};

enum { COUNT_BINDINGS = sizeof bindings / sizeof bindings[0] };

static void
store(const sb_setting *setting, sb_setting_value value, void *at)
{
    switch (setting->form) {
    case SB_SETTING_DURATION:
    case SB_SETTING_MEMORY:
    case SB_SETTING_INT: *(int64_t *)at = value.number; break;
    case SB_SETTING_NUMBER: *(double *)at = value.real; break;
    case SB_SETTING_BOOL: *(bool *)at = value.flag; break;
    case SB_SETTING_CHOICE: *(int32_t *)at = value.choice; break;
    case SB_SETTING_ZONE:
    case SB_SETTING_TEXT: *(const char **)at = value.text; break;
    }
}

static sb_status
take(const struct binding *binding, const char *text, sb_engine_config *config, sb_error *err)
{
    const sb_setting *setting = sb_setting_find(binding->key);
    sb_assert(setting);
    sb_setting_value value;
    text = text ? text : setting->value;
    if (text) {
        SB_TRY(sb_setting_read(setting, text, &value, err), err);
        store(setting, value, (char *)config + binding->offset);
    }
    return SB_OK;
}

sb_status
sb_engine_config_read(sb_options options, sb_engine_config *out, sb_error *err)
{
    sb_engine_config config;
    memset(&config, 0, sizeof config);
    config.checkpoint_interval_ms = -1;
    for (int32_t i = 0; i < COUNT_BINDINGS; i++) {
        SB_TRY(take(&bindings[i], NULL, &config, err), err);
    }
    for (int32_t i = 0; i < options.count; i++) {
        int64_t before = config.parallelism;
        for (int32_t k = 0; k < COUNT_BINDINGS; k++) {
            if (strcmp(bindings[k].key, options.at[i].key) == 0) {
                SB_TRY(take(&bindings[k], options.at[i].value, &config, err), err);
            }
        }
        if (config.parallelism <= 0) {
            config.parallelism = before; /* -1 of table.exec.resource.default-parallelism */
        }
    }
    *out = config;
    return SB_OK;
}

bool
sabot_option_describe(int32_t index, sabot_option_info *out)
{
    const sb_setting *setting = sb_setting_at(index);
    if (!setting) {
        return false;
    }
    *out = (sabot_option_info){.key = setting->key,
                               .type = sb_setting_type(setting),
                               .value = setting->value,
                               .text = setting->text};
    return true;
}

static void
apply_restart(const sb_engine_config *config, sb_restart_options *restart)
{
    restart->kind = (sb_restart_kind)config->restart_kind;
    restart->attempts = (int32_t)config->fixed_attempts;
    restart->delay_ms = config->restart_kind == SB_RESTART_FAILURE_RATE ? config->rate_delay_ms
                                                                        : config->fixed_delay_ms;
    restart->max_failures = (int32_t)config->rate_failures;
    restart->failure_interval_ms = config->rate_interval_ms;
    restart->initial_backoff_ms = config->exp_initial_ms;
    restart->max_backoff_ms = config->exp_max_ms;
    restart->backoff_multiplier = config->exp_multiplier;
    restart->reset_threshold_ms = config->exp_reset_ms;
    restart->jitter = config->exp_jitter;
    restart->max_attempts = (int32_t)config->exp_attempts;
}

void
sb_engine_config_apply(const sb_engine_config *config, sb_job_config *job)
{
    job->parallelism = (int32_t)config->parallelism;
    job->workers = (int32_t)config->workers;
    job->batch_rows = (int32_t)config->batch_rows;
    job->ring_bytes = config->ring_bytes;
    job->interleave = config->interleave;
    job->host_driven = config->threads == 1;
    job->seed = (uint64_t)config->seed;
    job->batch_mode = config->runtime_mode == 1;
    apply_restart(config, &job->restart);
    sb_checkpoint_options *checkpoint = &job->checkpoint;
    checkpoint->interval_ms =
        config->checkpoint_interval_ms < 0 ? 10000 : config->checkpoint_interval_ms;
    checkpoint->mode = (sb_checkpoint_mode)config->checkpoint_mode;
    checkpoint->timeout_ms = config->checkpoint_timeout_ms;
    checkpoint->min_pause_ms = config->checkpoint_min_pause_ms;
    checkpoint->tolerable_failed = (int32_t)config->checkpoint_tolerable;
    checkpoint->num_retained = (int32_t)config->checkpoint_retained;
    checkpoint->overtaking = config->checkpoint_unaligned;
    checkpoint->no_fallback = config->checkpoint_no_fallback;
}
