/*
 * sql/config.h -- SET options: what is set, which keys are known, and the values the planner
 * needs.
 *
 * DESIGN     Values are kept as text, in the order they were first set, and checked when they are
 *            set. A key nobody knows is kept too (somebody's connector may read it) and answered
 *            with a warning.
 * OWNERSHIP  keys and values are charged to `mem`.
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_CONFIG_H
#define SB_SQL_CONFIG_H

#include "plan/plan.h"

typedef struct sb_config {
    sb_mem *mem;
    sb_option *at;
    int32_t count, capacity;
} sb_config;

void sb_config_init(sb_config *config, sb_mem *mem);
void sb_config_deinit(sb_config *config);
const char *sb_config_get(const sb_config *config, const char *key); /* NULL: not set */
/* INVALID when a known key gets a value that it cannot have. */
sb_status sb_config_set(sb_config *config, const char *key, const char *value, sb_error *err);
void sb_config_reset(sb_config *config, const char *key); /* NULL: all */
/* Is the key one of Flink's or ours? If not, out_nearest is a guess (may be NULL). */
bool sb_config_known(const char *key, const char **out_nearest);

int64_t sb_config_duration(const sb_config *config, const char *key, int64_t otherwise_ms);
bool sb_config_bool(const sb_config *config, const char *key, bool otherwise);
const char *sb_config_zone(const sb_config *config);
/* Mini-batch is on only when all three of its keys are set. */
bool sb_config_minibatch(const sb_config *config, int64_t *out_rows, int64_t *out_ms);

#endif
