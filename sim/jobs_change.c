/*
 * sim/jobs_change.c -- jobs over changelogs: what counts in the end is what the rows that were
 * never taken back give.
 */
#include <stdio.h>
#include <string.h>

#include "sim/case.h"

#define KEYS_MAX 64

typedef struct group {
    int64_t n, sum, low, high;
    uint32_t kinds;
} group;

static void
group_take(group *g, const sb_sim_row *row)
{
    if (g->n++ == 0) {
        g->sum = g->low = g->high = SIM_NONE;
    }
    g->kinds |= 1u << row->g;
    if (row->v == SIM_NONE) {
        return;
    }
    g->sum = g->sum == SIM_NONE ? row->v : g->sum + row->v;
    g->low = g->low == SIM_NONE || row->v < g->low ? row->v : g->low;
    g->high = g->high == SIM_NONE || row->v > g->high ? row->v : g->high;
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

static void
draw_minibatch(sb_sim_case *c)
{
    if (sb_sim_percent(&c->random, 50)) {
        sb_text_printf(&c->sql,
                       "SET 'table.exec.mini-batch.enabled' = 'true';\nSET "
                       "'table.exec.mini-batch.allow-latency' = '%d ms';\n"
                       "SET 'table.exec.mini-batch.size' = '%d';\n",
                       (int)sb_sim_between(&c->random, 1, 30),
                       (int)sb_sim_between(&c->random, 1, 60));
    }
}

static int32_t
make_groups(const sb_sim_table *t, group *groups)
{
    memset(groups, 0, sizeof(group) * KEYS_MAX);
    for (int32_t i = 0; i < t->count; i++) {
        if (t->rows[i].live) {
            group_take(&groups[t->rows[i].k], &t->rows[i]);
        }
    }
    return KEYS_MAX;
}

void
sb_sim_make_group(sb_sim_case *c)
{
    group groups[KEYS_MAX];
    char sum[24], low[24], high[24];
    draw_minibatch(c);
    sb_sim_table *t = sb_sim_add_changes(c, "changes", (int32_t)sb_sim_between(&c->random, 1, 40));
    bool upsert = sb_sim_percent(&c->random, 50);
    sb_sim_sink *sink = sb_sim_add_sink(
        c, "grouped", "k BIGINT, n BIGINT, total BIGINT, low BIGINT, high BIGINT, kinds BIGINT",
        upsert ? SIM_UPSERT : SIM_RETRACT);
    sb_text_add(&c->sql, "INSERT INTO grouped SELECT k, COUNT(*), SUM(v), MIN(v), MAX(v), "
                         "COUNT(DISTINCT s) FROM changes GROUP BY k;\n");
    make_groups(t, groups);
    for (int32_t k = 0; k < KEYS_MAX; k++) {
        const group *g = &groups[k];
        if (g->n > 0) {
            sb_sim_lines_printf(
                &sink->expected,
                "{\"k\":%d,\"n\":%lld,\"total\":%s,\"low\":%s,\"high\":%s,\"kinds\":%d}", k,
                (long long)g->n, number(g->sum, sum), number(g->low, low), number(g->high, high),
                count_bits(g->kinds));
        }
    }
    c->expected_late = -1;
}

/* Different values and the greatest text of rows that only come: each k has a few rows, each value
 * is below 50. */
void
sb_sim_make_different(sb_sim_case *c)
{
    draw_minibatch(c);
    sb_sim_table *t = sb_sim_add_events(c, "events");
    bool upsert = sb_sim_percent(&c->random, 50);
    sb_sim_sink *sink = sb_sim_add_sink(
        c, "different",
        "k BIGINT, n BIGINT, kinds BIGINT, low_kinds BIGINT, vs BIGINT, high STRING",
        upsert ? SIM_UPSERT : SIM_RETRACT);
    sb_text_add(&c->sql, "INSERT INTO different SELECT k, COUNT(*), COUNT(DISTINCT s), "
                         "COUNT(DISTINCT s) FILTER (WHERE v < 20), COUNT(DISTINCT v), MAX(s) "
                         "FROM events GROUP BY k;\n");
    for (int64_t k = 0; k < KEYS_MAX; k++) {
        int n = 0, high = 0;
        uint32_t kinds = 0, low_kinds = 0;
        uint64_t values = 0;
        for (int32_t i = 0; i < t->count; i++) {
            const sb_sim_row *row = &t->rows[i];
            if (row->k != k) {
                continue;
            }
            n++;
            kinds |= 1u << row->g;
            high = row->g > high ? (int)row->g : high;
            low_kinds |= (uint32_t)(row->v != SIM_NONE && row->v < 20) << row->g;
            values |= row->v == SIM_NONE ? 0 : UINT64_C(1) << row->v;
        }
        if (n > 0) {
            sb_sim_lines_printf(&sink->expected,
                                "{\"k\":%lld,\"n\":%d,\"kinds\":%d,\"low_kinds\":%d,\"vs\":%d,"
                                "\"high\":\"g%d\"}",
                                (long long)k, n, count_bits(kinds), count_bits(low_kinds),
                                count_bits((uint32_t)values) + count_bits((uint32_t)(values >> 32)),
                                high);
        }
    }
    c->expected_late = -1;
}

/* An aggregate of an aggregate: how many keys have so many rows. */
void
sb_sim_make_nested(sb_sim_case *c)
{
    group groups[KEYS_MAX];
    char high[24];
    draw_minibatch(c);
    sb_sim_table *t = sb_sim_add_changes(c, "changes", (int32_t)sb_sim_between(&c->random, 1, 40));
    sb_sim_sink *sink =
        sb_sim_add_sink(c, "counts", "n BIGINT, keys BIGINT, high BIGINT", SIM_RETRACT);
    sb_text_add(&c->sql, "INSERT INTO counts SELECT n, COUNT(*), MAX(total) FROM (SELECT k, "
                         "COUNT(*) AS n, SUM(v) AS total FROM changes GROUP BY k) GROUP BY n;\n");
    make_groups(t, groups);
    for (int64_t n = 1; n <= t->count; n++) {
        int64_t keys = 0, top = SIM_NONE;
        for (int32_t k = 0; k < KEYS_MAX; k++) {
            if (groups[k].n == n) {
                keys++;
                top = groups[k].sum != SIM_NONE && (top == SIM_NONE || groups[k].sum > top)
                          ? groups[k].sum
                          : top;
            }
        }
        if (keys > 0) {
            sb_sim_lines_printf(&sink->expected, "{\"n\":%lld,\"keys\":%lld,\"high\":%s}",
                                (long long)n, (long long)keys, number(top, high));
        }
    }
    c->expected_late = -1;
}

void
sb_sim_make_join(sb_sim_case *c)
{
    /* Few keys: one row meets so many that a barrier falls between two matches. */
    c->small = sb_sim_percent(&c->random, 50);
    int32_t keys =
        (int32_t)(c->small ? sb_sim_between(&c->random, 1, 4) : sb_sim_between(&c->random, 6, 40));
    sb_sim_table *a = sb_sim_add_changes(c, "changes", keys);
    sb_sim_table *b = sb_sim_add_changes(c, "others", keys);
    sb_sim_sink *sink =
        sb_sim_add_sink(c, "joined", "k BIGINT, v BIGINT, w BIGINT, s STRING", SIM_RETRACT);
    sb_text_add(&c->sql, "INSERT INTO joined SELECT a.k, a.v, b.v, b.s FROM changes AS a JOIN "
                         "others AS b ON a.k = b.k AND a.v < b.v;\n");
    for (int32_t i = 0; i < a->count; i++) {
        for (int32_t j = 0; j < b->count && a->rows[i].live; j++) {
            const sb_sim_row *x = &a->rows[i], *y = &b->rows[j];
            if (y->live && x->k == y->k && x->v != SIM_NONE && y->v != SIM_NONE && x->v < y->v) {
                sb_sim_lines_printf(
                    &sink->expected, "{\"k\":%lld,\"v\":%lld,\"w\":%lld,\"s\":\"g%lld\"}",
                    (long long)x->k, (long long)x->v, (long long)y->v, (long long)y->g);
            }
        }
    }
    c->expected_late = -1;
}

/* An upsert stream (ChangelogNormalize) joined with a changelog. */
void
sb_sim_make_normalize(sb_sim_case *c)
{
    int32_t keys = (int32_t)sb_sim_between(&c->random, 6, 40);
    sb_sim_table *a = sb_sim_add_changes(c, "changes", keys);
    sb_sim_table *b = sb_sim_add_upserts(c, "names", keys);
    sb_sim_sink *sink =
        sb_sim_add_sink(c, "named", "k BIGINT, v BIGINT, w BIGINT, s STRING", SIM_RETRACT);
    char w[24], v[24];
    sb_text_add(&c->sql, "INSERT INTO named SELECT c.k, c.v, u.v, u.s FROM changes AS c JOIN names "
                         "AS u ON c.k = u.k;\n");
    for (int32_t i = 0; i < a->count; i++) {
        for (int32_t j = 0; j < b->count && a->rows[i].live; j++) {
            const sb_sim_row *x = &a->rows[i], *y = &b->rows[j];
            if (y->live && x->k == y->k) {
                sb_sim_lines_printf(
                    &sink->expected, "{\"k\":%lld,\"v\":%s,\"w\":%s,\"s\":\"g%lld\"}",
                    (long long)x->k, number(x->v, v), number(y->v, w), (long long)y->g);
            }
        }
    }
    c->expected_late = -1;
}
