/*
 * sim/data.c -- see case.h: rows, and the input files made from them.
 */
#include "sim/case.h"

#include <stdio.h>
#include <string.h>

#define WINDOW_MS  10000
#define WIDE_HOURS 20

const char *
sb_sim_stamp(int64_t ms, char *out)
{
    int64_t second = ms / 1000, milli = ms % 1000;
    int size = snprintf(out, 32, "2024-01-01 %02d:%02d:%02d", (int)(second / 3600 % 24),
                        (int)(second / 60 % 60), (int)(second % 60));
    if (milli) {
        snprintf(out + size, 32 - (size_t)size, ".%03d", (int)milli);
    }
    return out;
}

static int32_t
draw_count(sb_sim_case *c)
{
    if (c->small) {
        return (int32_t)sb_sim_between(&c->random, 30, 80);
    }
    return (int32_t)(sb_sim_percent(&c->random, 70) ? sb_sim_between(&c->random, 50, 200)
                                                    : sb_sim_between(&c->random, 200, 600));
}

static sb_sim_table *
add_table(sb_sim_case *c, sb_sim_table_kind kind, const char *name, int32_t count, int32_t files)
{
    sb_assert(c->count_tables < SIM_TABLES_MAX && files <= SIM_FILES_MAX);
    sb_sim_table *t = &c->tables[c->count_tables++];
    *t = (sb_sim_table){.kind = kind, .name = name, .count = count, .count_files = files};
    t->rows = SB_NEW_ARRAY(c->arena, sb_sim_row, count);
    sb_assert(t->rows);
    for (int32_t f = 0; f < files; f++) {
        sb_text_init(&t->files[f], c->mem);
    }
    return t;
}

static void
add_value(sb_text *out, const char *name, int64_t v)
{
    if (v == SIM_NONE) {
        sb_text_printf(out, "\"%s\":null", name);
    } else {
        sb_text_printf(out, "\"%s\":%lld", name, (long long)v);
    }
}

/* ---- where it is ---- */

/* The options of a table up to those of its format. */
static void
declare_input(sb_sim_case *c, sb_sim_table *t)
{
    t->in_log = c->log && sb_sim_percent(&c->random, 60);
    if (t->in_log) {
        sb_text_printf(&c->sql,
                       "'connector' = 'kafka', 'topic' = 'in-%s', 'properties.bootstrap.servers' = "
                       "'sim', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = "
                       "'latest-offset'",
                       t->name);
    } else {
        sb_text_printf(&c->sql, "'connector' = 'filesystem', 'path' = 'in/%s'", t->name);
    }
}

/* ---- events ---- */

static void
write_event(sb_sim_table *t, const sb_sim_row *row)
{
    char stamp[32];
    sb_text *out = &t->files[row->file];
    sb_text_printf(out, "{\"k\":%lld,", (long long)row->k);
    add_value(out, "v", row->v);
    sb_text_printf(out, ",\"s\":\"g%lld\",\"ts\":\"%s\"}\n", (long long)row->g,
                   sb_sim_stamp(row->ts_ms, stamp));
}

static void
declare_events(sb_sim_case *c, sb_sim_table *t)
{
    bool each_row = c->exact || sb_sim_percent(&c->random, 50);
    char delay[64];
    if (c->wide) {
        snprintf(delay, sizeof delay, "'%d' HOUR", WIDE_HOURS);
    } else {
        snprintf(delay, sizeof delay, "'%lld.%03lld' SECOND", (long long)(t->delay_ms / 1000),
                 (long long)(t->delay_ms % 1000));
    }
    sb_text_printf(&c->sql,
                   "CREATE TABLE %s (k BIGINT, v BIGINT, s STRING, ts TIMESTAMP(3), WATERMARK FOR "
                   "ts AS ts - INTERVAL %s) WITH (",
                   t->name, delay);
    declare_input(c, t);
    sb_text_printf(&c->sql, ", 'format' = 'json'%s);\n",
                   each_row ? ", 'scan.watermark.emit.strategy' = 'on-event'" : "");
}

sb_sim_table *
sb_sim_add_events(sb_sim_case *c, const char *name)
{
    sb_sim_random *r = &c->random;
    int32_t files = c->exact ? 1 : (int32_t)sb_sim_between(r, 1, SIM_FILES_MAX);
    sb_sim_table *t = add_table(c, SIM_EVENTS, name, draw_count(c), files);
    int64_t clocks[SIM_FILES_MAX], highest[SIM_FILES_MAX];
    int64_t step_ms = sb_sim_between(r, 20, 1500) * files, keys = sb_sim_between(r, 1, 12);
    t->delay_ms = sb_sim_between(r, 1, 5000);
    if (!c->exact && !c->wide && c->count_tables == 1 && sb_sim_percent(r, 20)) {
        c->wide = true;
        sb_text_printf(&c->sql, "SET 'table.exec.source.idle-timeout' = '%d ms';\n",
                       (int)sb_sim_between(r, 1, 10));
    }
    int64_t disorder_ms =
        c->exact ? t->delay_ms + sb_sim_between(r, 0, 2 * WINDOW_MS) : t->delay_ms - 1;
    for (int32_t f = 0; f < files; f++) {
        /* Splits are not at the same time: the slowest holds the watermark. */
        clocks[f] = 60000 + (sb_sim_percent(r, 30) ? sb_sim_between(r, 0, 60000) : 0);
        highest[f] = SIM_NONE;
    }
    for (int32_t i = 0; i < t->count; i++) {
        int32_t f = (int32_t)sb_sim_below(r, files);
        clocks[f] += sb_sim_between(r, 0, step_ms);
        int64_t back = sb_sim_percent(r, 50) ? sb_sim_between(r, 0, disorder_ms) : 0;
        sb_sim_row *row = &t->rows[i];
        *row =
            (sb_sim_row){.k = sb_sim_below(r, keys),
                         .v = sb_sim_percent(r, 4) ? SIM_NONE : sb_sim_below(r, 50),
                         .g = sb_sim_below(r, 5),
                         .ts_ms = clocks[f] - back,
                         .file = f,
                         .live = true,
                         .clock_ms = highest[f] == SIM_NONE ? SIM_NONE : highest[f] - t->delay_ms};
        highest[f] = row->ts_ms > highest[f] ? row->ts_ms : highest[f];
        write_event(t, row);
    }
    declare_events(c, t);
    return t;
}

/* ---- changelogs ---- */

static void
write_change(sb_sim_table *t, const sb_sim_row *row, const char *op)
{
    sb_text *out = &t->files[row->file];
    sb_text_printf(out, "{\"op\":\"%s\",\"data\":{\"k\":%lld,", op, (long long)row->k);
    add_value(out, "v", row->v);
    sb_text_printf(out, ",\"s\":\"g%lld\"}}\n", (long long)row->g);
}

static void
draw_change(sb_sim_case *c, sb_sim_row *row)
{
    row->v = sb_sim_percent(&c->random, 4) ? SIM_NONE : sb_sim_between(&c->random, -20, 20);
    row->g = sb_sim_below(&c->random, 5);
    row->live = true;
}

static sb_sim_row *
draw_live(sb_sim_case *c, sb_sim_table *t, int32_t count)
{
    for (int32_t tries = 0; tries < 8 && count > 0; tries++) {
        sb_sim_row *row = &t->rows[sb_sim_below(&c->random, count)];
        if (row->live) {
            return row;
        }
    }
    return NULL;
}

/* Keys of a file are its own: a row is never taken back before it was there. */
sb_sim_table *
sb_sim_add_changes(sb_sim_case *c, const char *name, int32_t keys)
{
    sb_sim_random *r = &c->random;
    int32_t count = draw_count(c), files = (int32_t)sb_sim_between(r, 1, SIM_FILES_MAX);
    sb_sim_table *t = add_table(c, SIM_CHANGES, name, count, files);
    for (int32_t i = 0; i < count; i++) {
        sb_sim_row *row = &t->rows[i], *old = sb_sim_percent(r, 40) ? draw_live(c, t, i) : NULL;
        if (!old) {
            row->k = sb_sim_below(r, keys);
            row->file = (int32_t)(row->k % files);
            draw_change(c, row);
            write_change(t, row, "+I");
        } else if (sb_sim_percent(r, 50)) {
            write_change(t, old, "-D");
            old->live = false;
            *row = *old;
        } else {
            write_change(t, old, "-U");
            old->live = false;
            row->k = old->k;
            row->file = old->file;
            draw_change(c, row);
            write_change(t, row, "+U");
        }
    }
    sb_text_printf(&c->sql, "CREATE TABLE %s (k BIGINT, v BIGINT, s STRING) WITH (", name);
    declare_input(c, t);
    sb_text_add(&c->sql, ", 'format' = 'changelog-json');\n");
    return t;
}

sb_sim_table *
sb_sim_add_upserts(sb_sim_case *c, const char *name, int32_t keys)
{
    sb_sim_random *r = &c->random;
    int32_t count = draw_count(c), files = (int32_t)sb_sim_between(r, 1, SIM_FILES_MAX);
    sb_sim_table *t = add_table(c, SIM_UPSERTS, name, count, files);
    for (int32_t i = 0; i < count; i++) {
        sb_sim_row *row = &t->rows[i];
        row->k = sb_sim_below(r, keys);
        row->file = (int32_t)(row->k % files);
        draw_change(c, row);
        bool deletes = sb_sim_percent(r, 15);
        for (int32_t b = 0; b < i; b++) {
            t->rows[b].live = t->rows[b].live && t->rows[b].k != row->k;
        }
        row->live = !deletes;
        write_change(t, row, deletes ? "-D" : "+U");
    }
    sb_text_printf(&c->sql,
                   "CREATE TABLE %s (k BIGINT, v BIGINT, s STRING, PRIMARY KEY (k) NOT ENFORCED) "
                   "WITH (",
                   name);
    declare_input(c, t);
    sb_text_add(&c->sql,
                ", 'format' = 'changelog-json', 'changelog-json.changelog-mode' = 'I,UA,D');\n");
    return t;
}

/* ---- sinks ---- */

static void
declare_log_sink(sb_sim_case *c, sb_sim_sink *s, const char *name)
{
    bool upsert = s->mode == SIM_UPSERT;
    s->folder = sb_arena_printf(c->arena, "out-%s", name);
    s->partitions =
        (int32_t)(sb_sim_percent(&c->random, 50) ? 1 : sb_sim_between(&c->random, 2, 3));
    sb_text_printf(
        &c->sql,
        "'connector' = '%s', 'topic' = 'out-%s', 'properties.bootstrap.servers' = 'sim', "
        "'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = "
        "'%s', ",
        upsert ? "upsert-kafka" : "kafka", name, name);
    sb_text_add(&c->sql, upsert                  ? "'key.format' = 'json', 'value.format' = 'json'"
                         : s->mode == SIM_APPEND ? "'format' = 'json'"
                                                 : "'format' = 'changelog-json'");
    if (upsert && sb_sim_percent(&c->random, 40)) {
        sb_text_printf(&c->sql,
                       ", 'sink.buffer-flush.max-rows' = '%d', 'sink.buffer-flush.interval' = "
                       "'%d ms'",
                       (int)sb_sim_between(&c->random, 1, 30),
                       (int)sb_sim_between(&c->random, 1, 100));
    }
    if (c->transaction_ms) {
        sb_text_printf(&c->sql, ", 'properties.transaction.timeout.ms' = '%d'", c->transaction_ms);
    }
    sb_text_add(&c->sql, ");\n");
}

sb_sim_sink *
sb_sim_add_sink(sb_sim_case *c, const char *name, const char *columns, sb_sim_sink_mode mode)
{
    sb_assert(c->count_sinks < SIM_SINKS_MAX);
    sb_sim_sink *s = &c->sinks[c->count_sinks++];
    *s = (sb_sim_sink){.folder = sb_arena_printf(c->arena, "out/%s", name),
                       .mode = mode,
                       .expected = {.arena = c->arena}};
    s->in_log = c->log && sb_sim_percent(&c->random, 50);
    sb_text_printf(&c->sql, "CREATE TABLE %s (%s%s) WITH (", name, columns,
                   mode == SIM_UPSERT ? ", PRIMARY KEY (k) NOT ENFORCED" : "");
    if (s->in_log) {
        declare_log_sink(c, s, name);
        return s;
    }
    sb_text_printf(&c->sql, "'connector' = 'filesystem', 'path' = 'out/%s', 'format' = '%s'", name,
                   mode == SIM_APPEND ? "json" : "changelog-json");
    if (sb_sim_percent(&c->random, 50)) {
        sb_text_printf(&c->sql, ", 'sink.rolling-policy.file-size' = '%d'",
                       (int)sb_sim_between(&c->random, 1, 2000));
    }
    if (sb_sim_percent(&c->random, 40)) {
        sb_text_printf(&c->sql, ", 'sink.rolling-policy.rollover-interval' = '%d ms'",
                       (int)sb_sim_between(&c->random, 1, 60));
    }
    sb_text_add(&c->sql, ");\n");
    return s;
}
