/*
 * sim/jobs_window.c -- jobs over events: row by row, windows, cascades, window joins.
 */
#include <stdio.h>
#include <string.h>

#include "sim/case.h"

#define TUMBLE_MS 10000
#define SLIDE_MS  5000
#define HOP_MS    15000
#define MINUTE_MS 60000

/* What one window of one key holds; sums skip NULL and are NULL when there is nothing else. */
typedef struct window {
    int64_t k, end_ms;
    int64_t n, sum, high;
    uint32_t kinds; /* bit set of g */
} window;

typedef struct windows {
    window *at;
    int32_t count;
} windows;

static window *
find_window(sb_sim_case *c, windows *all, int64_t k, int64_t end_ms)
{
    for (int32_t i = 0; i < all->count; i++) {
        if (all->at[i].k == k && all->at[i].end_ms == end_ms) {
            return &all->at[i];
        }
    }
    if (all->count % 256 == 0) {
        window *at = SB_NEW_ARRAY(c->arena, window, all->count + 256);
        sb_assert(at);
        if (all->count > 0) {
            memcpy(at, all->at, sizeof *at * (size_t)all->count);
        }
        all->at = at;
    }
    all->at[all->count] = (window){.k = k, .end_ms = end_ms, .sum = SIM_NONE, .high = SIM_NONE};
    return &all->at[all->count++];
}

static void
window_take(window *w, const sb_sim_row *row)
{
    w->n++;
    w->kinds |= 1u << row->g;
    if (row->v != SIM_NONE) {
        w->sum = w->sum == SIM_NONE ? row->v : w->sum + row->v;
        w->high = w->high == SIM_NONE || row->v > w->high ? row->v : w->high;
    }
}

static const char *
number(int64_t v, char *out)
{
    if (v == SIM_NONE) {
        return "null";
    }
    snprintf(out, 24, "%lld", (long long)v);
    return out;
}

static int
count_bits(uint32_t bits)
{
    int n = 0;
    for (; bits; bits &= bits - 1) {
        n++;
    }
    return n;
}

/* The windows of all rows: a row that comes when a window has ended is not in it; in none of its
 * windows: late. */
static windows
make_windows(sb_sim_case *c, const sb_sim_table *t, int64_t size_ms, int64_t slide_ms)
{
    windows all = {0};
    for (int32_t i = 0; i < t->count; i++) {
        const sb_sim_row *row = &t->rows[i];
        int64_t first_end = row->ts_ms / slide_ms * slide_ms + slide_ms, taken = 0;
        for (int64_t end = first_end; end - size_ms <= row->ts_ms; end += slide_ms) {
            if (!c->exact || row->clock_ms == SIM_NONE || end - 1 > row->clock_ms) {
                window_take(find_window(c, &all, row->k, end), row);
                taken++;
            }
        }
        c->expected_late += taken == 0;
    }
    return all;
}

/* Rows with NULL as a filter value are filtered out before. */
static bool
calc_passes(const sb_sim_row *row)
{
    return row->v != SIM_NONE && row->v % 7 != 3;
}

static void
expect_calc(sb_sim_sink *sink, const sb_sim_table *t)
{
    for (int32_t i = 0; i < t->count; i++) {
        const sb_sim_row *row = &t->rows[i];
        if (calc_passes(row)) {
            sb_sim_lines_printf(&sink->expected, "{\"k\":%lld,\"w\":%lld,\"s\":\"G%lld\"}",
                                (long long)row->k, (long long)(row->v * 2 + 1), (long long)row->g);
        }
    }
}

void
sb_sim_make_calc(sb_sim_case *c)
{
    sb_sim_table *t = sb_sim_add_events(c, "events");
    sb_sim_sink *sink = sb_sim_add_sink(c, "plain", "k BIGINT, w BIGINT, s STRING", SIM_APPEND);
    sb_text_add(&c->sql,
                "INSERT INTO plain SELECT k, v * 2 + 1, UPPER(s) FROM events WHERE v % 7 <> 3;\n");
    expect_calc(sink, t);
    c->expected_late = -1;
}

static void
expect_tumble(sb_sim_sink *sink, const windows *all, int64_t size_ms)
{
    char stamp[32], sum[24];
    for (int32_t i = 0; i < all->count; i++) {
        const window *w = &all->at[i];
        sb_sim_lines_printf(&sink->expected,
                            "{\"k\":%lld,\"ws\":\"%s\",\"n\":%lld,\"total\":%s,\"kinds\":%d}",
                            (long long)w->k, sb_sim_stamp(w->end_ms - size_ms, stamp),
                            (long long)w->n, number(w->sum, sum), count_bits(w->kinds));
    }
}

#define TUMBLE_COLUMNS "k BIGINT, ws TIMESTAMP(3), n BIGINT, total BIGINT, kinds BIGINT"
#define TUMBLE_SELECT(from)                                                                     \
    "SELECT k, window_start, COUNT(*), SUM(v), COUNT(DISTINCT s) FROM TABLE(TUMBLE(TABLE " from \
    ", DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY k, window_start, window_end"

void
sb_sim_make_tumble(sb_sim_case *c)
{
    c->exact = sb_sim_percent(&c->random, 60);
    sb_sim_table *t = sb_sim_add_events(c, "events");
    sb_sim_sink *sink = sb_sim_add_sink(c, "tumbled", TUMBLE_COLUMNS, SIM_APPEND);
    sb_text_add(&c->sql, "INSERT INTO tumbled " TUMBLE_SELECT("events") ";\n");
    windows all = make_windows(c, t, TUMBLE_MS, TUMBLE_MS);
    expect_tumble(sink, &all, TUMBLE_MS);
}

void
sb_sim_make_hop(sb_sim_case *c)
{
    char stamp[32], high[24];
    c->exact = sb_sim_percent(&c->random, 60);
    sb_sim_table *t = sb_sim_add_events(c, "events");
    sb_sim_sink *sink = sb_sim_add_sink(
        c, "hopped", "k BIGINT, we TIMESTAMP(3), n BIGINT, high BIGINT, kinds BIGINT", SIM_APPEND);
    sb_text_add(
        &c->sql,
        "INSERT INTO hopped SELECT k, window_end, COUNT(*), MAX(v), COUNT(DISTINCT s) FROM "
        "TABLE(HOP(TABLE events, DESCRIPTOR(ts), "
        "INTERVAL '5' SECOND, INTERVAL '15' SECOND)) GROUP BY k, window_start, window_end;\n");
    windows all = make_windows(c, t, HOP_MS, SLIDE_MS);
    for (int32_t i = 0; i < all.count; i++) {
        const window *w = &all.at[i];
        sb_sim_lines_printf(&sink->expected,
                            "{\"k\":%lld,\"we\":\"%s\",\"n\":%lld,\"high\":%s,\"kinds\":%d}",
                            (long long)w->k, sb_sim_stamp(w->end_ms, stamp), (long long)w->n,
                            number(w->high, high), count_bits(w->kinds));
    }
}

/* Ten-second windows, then minutes over them. */
void
sb_sim_make_cascade(sb_sim_case *c)
{
    char stamp[32], sum[24];
    c->exact = sb_sim_percent(&c->random, 50);
    sb_sim_table *t = sb_sim_add_events(c, "events");
    sb_sim_sink *sink = sb_sim_add_sink(
        c, "minutes", "ws TIMESTAMP(3), parts BIGINT, n BIGINT, total BIGINT", SIM_APPEND);
    sb_text_add(&c->sql, "CREATE VIEW tens AS SELECT k, window_time AS rt, COUNT(*) AS n, SUM(v) "
                         "AS s FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL "
                         "'10' SECOND)) GROUP BY k, window_start, window_end, window_time;\n"
                         "INSERT INTO minutes SELECT window_start, COUNT(*), SUM(n), SUM(s) FROM "
                         "TABLE(TUMBLE(TABLE tens, DESCRIPTOR(rt), INTERVAL '1' MINUTE)) "
                         "GROUP BY window_start, window_end;\n");
    windows tens = make_windows(c, t, TUMBLE_MS, TUMBLE_MS), minutes = {0};
    for (int32_t i = 0; i < tens.count; i++) {
        const window *w = &tens.at[i];
        int64_t end = (w->end_ms - 1) / MINUTE_MS * MINUTE_MS + MINUTE_MS;
        window *m = find_window(c, &minutes, 0, end);
        m->kinds++; /* parts */
        m->n += w->n;
        if (w->sum != SIM_NONE) {
            m->sum = m->sum == SIM_NONE ? w->sum : m->sum + w->sum;
        }
    }
    for (int32_t i = 0; i < minutes.count; i++) {
        const window *m = &minutes.at[i];
        sb_sim_lines_printf(&sink->expected, "{\"ws\":\"%s\",\"parts\":%u,\"n\":%lld,\"total\":%s}",
                            sb_sim_stamp(m->end_ms - MINUTE_MS, stamp), m->kinds, (long long)m->n,
                            number(m->sum, sum));
    }
}

void
sb_sim_make_union(sb_sim_case *c)
{
    sb_sim_table *a = sb_sim_add_events(c, "events");
    sb_sim_table *b = sb_sim_add_events(c, "others");
    sb_sim_sink *sink = sb_sim_add_sink(c, "tumbled", TUMBLE_COLUMNS, SIM_APPEND);
    sb_text_add(&c->sql,
                "CREATE VIEW both_of AS SELECT * FROM events UNION ALL SELECT * FROM others;\n"
                "INSERT INTO tumbled " TUMBLE_SELECT("both_of") ";\n");
    sb_sim_table merged = {.count = a->count + b->count};
    merged.rows = SB_NEW_ARRAY(c->arena, sb_sim_row, merged.count);
    sb_assert(merged.rows);
    memcpy(merged.rows, a->rows, sizeof(sb_sim_row) * (size_t)a->count);
    memcpy(merged.rows + a->count, b->rows, sizeof(sb_sim_row) * (size_t)b->count);
    windows all = make_windows(c, &merged, TUMBLE_MS, TUMBLE_MS);
    expect_tumble(sink, &all, TUMBLE_MS);
}

/* Rows of both sides within one window, with a condition beside the key. */
void
sb_sim_make_window_join(sb_sim_case *c)
{
    char stamp[32];
    sb_sim_table *a = sb_sim_add_events(c, "events");
    sb_sim_table *b = sb_sim_add_events(c, "others");
    sb_sim_sink *sink = sb_sim_add_sink(
        c, "met", "k BIGINT, ws TIMESTAMP(3), v BIGINT, w BIGINT, s STRING", SIM_APPEND);
    sb_text_add(&c->sql, "CREATE VIEW lw AS SELECT * FROM TABLE(TUMBLE(TABLE events, "
                         "DESCRIPTOR(ts), INTERVAL '10' SECOND));\n"
                         "CREATE VIEW rw AS SELECT * FROM TABLE(TUMBLE(TABLE others, "
                         "DESCRIPTOR(ts), INTERVAL '10' SECOND));\n"
                         "INSERT INTO met SELECT lw.k, lw.window_start, lw.v, rw.v, rw.s FROM lw "
                         "JOIN rw ON lw.k = rw.k AND lw.window_start = rw.window_start "
                         "AND lw.window_end = rw.window_end AND lw.v < rw.v;\n");
    for (int32_t i = 0; i < a->count; i++) {
        for (int32_t j = 0; j < b->count; j++) {
            const sb_sim_row *x = &a->rows[i], *y = &b->rows[j];
            if (x->k == y->k && x->ts_ms / TUMBLE_MS == y->ts_ms / TUMBLE_MS && x->v != SIM_NONE &&
                y->v != SIM_NONE && x->v < y->v) {
                sb_sim_lines_printf(
                    &sink->expected,
                    "{\"k\":%lld,\"ws\":\"%s\",\"v\":%lld,\"w\":%lld,\"s\":\"g%lld\"}",
                    (long long)x->k, sb_sim_stamp(x->ts_ms / TUMBLE_MS * TUMBLE_MS, stamp),
                    (long long)x->v, (long long)y->v, (long long)y->g);
            }
        }
    }
}

/* One source, two sinks. */
void
sb_sim_make_diamond(sb_sim_case *c)
{
    c->exact = sb_sim_percent(&c->random, 50);
    sb_sim_table *t = sb_sim_add_events(c, "events");
    sb_sim_sink *plain = sb_sim_add_sink(c, "plain", "k BIGINT, w BIGINT, s STRING", SIM_APPEND);
    sb_sim_sink *tumbled = sb_sim_add_sink(c, "tumbled", TUMBLE_COLUMNS, SIM_APPEND);
    sb_text_add(&c->sql,
                "EXECUTE STATEMENT SET BEGIN\n"
                "INSERT INTO plain SELECT k, v * 2 + 1, UPPER(s) FROM events WHERE v % 7 <> 3;\n"
                "INSERT INTO tumbled " TUMBLE_SELECT("events") ";\nEND;\n");
    windows all = make_windows(c, t, TUMBLE_MS, TUMBLE_MS);
    expect_calc(plain, t);
    expect_tumble(tumbled, &all, TUMBLE_MS);
}
