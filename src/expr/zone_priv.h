/*
 * expr/zone_priv.h -- the inside of a time zone, shared by zone.c and zone_rule.c.
 */
#ifndef SB_EXPR_ZONE_PRIV_H
#define SB_EXPR_ZONE_PRIV_H

#include "expr/zone.h"

#define SB_ZONE_NAME       64
#define SB_ZONE_RULE_YEARS 402 /* more than the 400 years after which the calendar repeats */

typedef struct sb_transition { /* from utc_s on the offset is offset_s */
    int64_t utc_s;
    int32_t offset_s;
} sb_transition;

struct sb_zone {
    char name[SB_ZONE_NAME];
    int32_t first_offset_s; /* before the first transition */
    int32_t count, capacity;
    sb_transition *transitions; /* ascending */
    bool has_rule; /* transitions go on for ever after last_s as they did 400 years before */
    int64_t last_s;
    sb_mem *mem;
    struct sb_zone *next; /* in the cache */
};

/* Appends what a POSIX TZ string ("CET-1CEST,M3.5.0,M10.5.0/3") says about the years after the last
 * transition. */
sb_status sb_zone_apply_rule(sb_zone *zone, const char *rule, size_t size, sb_error *err);

#endif
