/*
 * plan/settings.h -- every option that SET, a configuration file, the environment and flags take:
 * its key, the form of its value, its default and one line about it.
 *
 * DESIGN     One row per key in settings.def; checks, documentation, completion and "did you mean"
 *            come from it. Who needs a value reads it by its key. Options of tables (WITH) are in
 *            the connectors' own lists.
 * THREADS    T:any
 */
#ifndef SB_PLAN_SETTINGS_H
#define SB_PLAN_SETTINGS_H

#include "base/status.h"
#include "base/text.h"

typedef enum sb_setting_form {
    SB_SETTING_TEXT,
    SB_SETTING_BOOL,
    SB_SETTING_DURATION, /* milliseconds */
    SB_SETTING_MEMORY,   /* bytes */
    SB_SETTING_INT,      /* from low to high */
    SB_SETTING_NUMBER,   /* from low to high */
    SB_SETTING_CHOICE,   /* "A,other name of A|B" */
    SB_SETTING_ZONE
} sb_setting_form;

typedef struct sb_setting {
    const char *key;
    sb_setting_form form;
    int64_t low, high;
    const char *choices;
    const char *refused; /* choices that only Flink has: "not supported" */
    const char *value;   /* default; NULL: not set */
    const char *text;
} sb_setting;

typedef union sb_setting_value {
    int64_t number; /* DURATION, MEMORY, INT */
    double real;    /* NUMBER */
    bool flag;
    int32_t choice; /* place in `choices` */
    const char *text;
} sb_setting_value;

const sb_setting *sb_setting_at(int32_t index); /* NULL behind the last */
const sb_setting *sb_setting_find(const char *key);
/* Is it one of a family of Flink's keys (table.*, metrics.*, ...) that are taken in silence? */
bool sb_setting_in_family(const char *key);
/* For people: "duration", "A|B". */
const char *sb_setting_type(const sb_setting *setting);

/* INVALID with a hint when the text is no value of it, NOT_SUPPORTED when only Flink has the value.
 * Texts of the value point into `text`. */
sb_status sb_setting_read(const sb_setting *setting, const char *text, sb_setting_value *out,
                          sb_error *err);

#endif
