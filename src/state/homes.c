/*
 * state/homes.c -- which blobs hold which pages, and the log that undoes a snapshot that was not
 * completed.
 *
 * THREADS    one at a time.
 */
#include "state/homes.h"

#include <string.h>

#define NO_BLOB       UINT32_MAX
#define BLOB_NAME_MAX 1024                /* of a blob, in bytes */
#define PAGES_MAX     (UINT32_C(1) << 26) /* 2 TiB of pages */

bool
sb_homes_init(sb_homes *h, sb_mem *mem, const uint32_t *table_ids, uint32_t count_tables)
{
    *h = (sb_homes){.mem = mem, .logged_blob = NO_BLOB};
    h->tables = sb_alloc_zero(mem, count_tables * sizeof *h->tables);
    if (!h->tables) {
        return false;
    }
    h->count_tables = count_tables;
    for (uint32_t i = 0; i < count_tables; i++) {
        h->tables[i].table_id = table_ids[i];
    }
    return true;
}

static void
blob_free(sb_homes *h, sb_home_blob *blob)
{
    if (blob->name) {
        sb_free(h->mem, blob->name, strlen(blob->name) + 1);
    }
}

void
sb_homes_deinit(sb_homes *h)
{
    for (uint32_t i = 0; i < h->count_tables; i++) {
        sb_free(h->mem, h->tables[i].homes, h->tables[i].capacity * sizeof(sb_home));
    }
    for (uint32_t i = 0; i < h->count_blobs; i++) {
        blob_free(h, &h->blobs[i]);
    }
    sb_free(h->mem, h->tables, h->count_tables * sizeof *h->tables);
    sb_free(h->mem, h->blobs, h->capacity_blobs * sizeof *h->blobs);
    sb_free(h->mem, h->undo, h->capacity_undo * sizeof *h->undo);
    *h = (sb_homes){0};
}

sb_home *
sb_homes_get(const sb_homes *h, uint32_t table, uint32_t page)
{
    const sb_home_table *t = &h->tables[table];
    return page < t->count && t->homes[page].count > 0 ? &t->homes[page] : NULL;
}

sb_home_blob *
sb_homes_blob(const sb_homes *h, uint32_t number)
{
    uint32_t low = 0, high = h->count_blobs;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (h->blobs[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < h->count_blobs && h->blobs[low].number == number ? &h->blobs[low] : NULL;
}

sb_home_blob *
sb_homes_add_blob(sb_homes *h, const char *name, uint64_t id)
{
    size_t size = strlen(name) + 1;
    char *copy = sb_alloc(h->mem, size);
    if (copy && h->count_blobs == h->capacity_blobs) {
        uint32_t capacity = h->capacity_blobs ? h->capacity_blobs * 2 : 16;
        sb_home_blob *blobs = sb_realloc(h->mem, h->blobs, h->capacity_blobs * sizeof *blobs,
                                         capacity * sizeof *blobs);
        if (blobs) {
            h->blobs = blobs;
            h->capacity_blobs = capacity;
        }
    }
    if (!copy || h->count_blobs == h->capacity_blobs) {
        sb_free(h->mem, copy, size);
        return NULL;
    }
    memcpy(copy, name, size);
    sb_home_blob *blob = &h->blobs[h->count_blobs++];
    *blob = (sb_home_blob){.number = h->next_number++, .id = id, .name = copy};
    return blob;
}

/* ---- changes
 * -------------------------------------------------------------------------------------- */

static void
count_refs(sb_homes *h, const sb_home *home, int sign)
{
    for (uint32_t i = 0; i < home->count; i++) {
        sb_home_blob *blob = sb_homes_blob(h, home->refs[i].blob);
        sb_assert(blob != NULL);
        blob->live += sign * (int64_t)home->refs[i].bytes;
        blob->refs += sign;
    }
}

static bool
reserve_page(sb_homes *h, sb_home_table *t, uint32_t page)
{
    if (page >= t->capacity) {
        uint32_t capacity = t->capacity ? t->capacity * 2 : 64;
        capacity = capacity <= page ? page + 1 : capacity;
        sb_home *homes =
            sb_realloc(h->mem, t->homes, t->capacity * sizeof *homes, capacity * sizeof *homes);
        if (!homes) {
            return false;
        }
        t->homes = homes;
        t->capacity = capacity;
    }
    for (; t->count <= page; t->count++) {
        t->homes[t->count] = (sb_home){0};
    }
    return true;
}

static bool
log_old(sb_homes *h, uint32_t table, uint32_t page, const sb_home *old)
{
    if (h->count_undo == h->capacity_undo) {
        size_t capacity = h->capacity_undo ? h->capacity_undo * 2 : 64;
        sb_home_undo *undo =
            sb_realloc(h->mem, h->undo, h->capacity_undo * sizeof *undo, capacity * sizeof *undo);
        if (!undo) {
            return false;
        }
        h->undo = undo;
        h->capacity_undo = capacity;
    }
    h->undo[h->count_undo++] = (sb_home_undo){table, page, *old};
    return true;
}

bool
sb_homes_set(sb_homes *h, uint32_t table, uint32_t page, const sb_home *home)
{
    sb_home_table *t = &h->tables[table];
    if (page >= PAGES_MAX || !reserve_page(h, t, page) ||
        !log_old(h, table, page, &t->homes[page])) {
        return false;
    }
    count_refs(h, &t->homes[page], -1);
    t->homes[page] = *home;
    count_refs(h, &t->homes[page], 1);
    return true;
}

static void
drop_empty_blobs(sb_homes *h)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < h->count_blobs; i++) {
        if (h->blobs[i].refs > 0) {
            h->blobs[kept++] = h->blobs[i];
        } else {
            blob_free(h, &h->blobs[i]);
        }
    }
    h->count_blobs = kept;
}

void
sb_homes_commit(sb_homes *h)
{
    h->count_undo = 0;
    h->logged_blob = NO_BLOB;
    drop_empty_blobs(h);
}

void
sb_homes_roll_back(sb_homes *h)
{
    while (h->count_undo > 0) {
        sb_home_undo *u = &h->undo[--h->count_undo];
        sb_home *home = &h->tables[u->table].homes[u->page];
        count_refs(h, home, -1);
        *home = u->old;
        count_refs(h, home, 1);
    }
    h->logged_blob = NO_BLOB;
    drop_empty_blobs(h);
}

/* The blob with the smallest part alive. */
static sb_home_blob *
worst_blob(const sb_homes *h)
{
    sb_home_blob *worst = NULL;
    double share = 1.0;
    for (uint32_t i = 0; i < h->count_blobs; i++) {
        sb_home_blob *blob = &h->blobs[i];
        if (blob->refs == 0 || blob->evacuate || blob->total <= 0) {
            continue;
        }
        double live = (double)blob->live / (double)blob->total;
        if (live < share) {
            share = live;
            worst = blob;
        }
    }
    return worst;
}

void
sb_homes_choose(sb_homes *h, int64_t least_total)
{
    int64_t total = 0, live = 0;
    for (uint32_t i = 0; i < h->count_blobs; i++) {
        if (h->blobs[i].refs > 0 && !h->blobs[i].evacuate) {
            total += h->blobs[i].total;
            live += h->blobs[i].live;
        }
    }
    /* A quarter of the state at most is moved by one snapshot. */
    int64_t budget = live / 4 + least_total;
    while (total > least_total && total - live > live) {
        sb_home_blob *worst = worst_blob(h);
        if (!worst || worst->live > budget) {
            return;
        }
        worst->evacuate = true;
        budget -= worst->live;
        total -= worst->total - worst->live;
    }
}

/* ---- descriptor
 * ----------------------------------------------------------------------------------- */

/* Pages (and the bytes of their records) of one blob: runs of neighbours. */
static void
write_runs(sb_writer *w, const uint32_t *pages, const uint32_t *bytes, uint32_t count)
{
    uint32_t runs = 0, last = 0;
    for (uint32_t i = 0; i < count; i++) {
        runs += i == 0 || pages[i] != pages[i - 1] + 1;
    }
    sb_write_varint(w, runs);
    for (uint32_t i = 0; i < count;) {
        uint32_t n = 1;
        while (i + n < count && pages[i + n] == pages[i] + n) {
            n++;
        }
        sb_write_varint(w, pages[i] - last);
        sb_write_varint(w, n);
        for (uint32_t k = 0; k < n; k++) {
            sb_write_varint(w, bytes[i + k]);
        }
        last = pages[i] + n;
        i += n;
    }
}

static bool
write_table(const sb_homes *h, const sb_home_table *t, sb_writer *w)
{
    uint32_t blobs = h->count_blobs, total = 0;
    for (uint32_t p = 0; p < t->count; p++) {
        total += t->homes[p].count;
    }
    size_t room = ((size_t)blobs + 1 + 2 * (size_t)total) * sizeof(uint32_t);
    uint32_t *starts = sb_alloc_zero(h->mem, room);
    if (!starts) {
        return false;
    }
    uint32_t *pages = starts + blobs + 1, *bytes = pages + total;
    for (uint32_t p = 0; p < t->count; p++) {
        for (uint32_t i = 0; i < t->homes[p].count; i++) {
            starts[sb_homes_blob(h, t->homes[p].refs[i].blob) - h->blobs + 1]++;
        }
    }
    for (uint32_t b = 0; b < blobs; b++) {
        starts[b + 1] += starts[b];
    }
    for (uint32_t p = 0; p < t->count; p++) {
        for (uint32_t i = 0; i < t->homes[p].count; i++) {
            uint32_t at = starts[sb_homes_blob(h, t->homes[p].refs[i].blob) - h->blobs]++;
            pages[at] = p;
            bytes[at] = t->homes[p].refs[i].bytes;
        }
    }
    for (uint32_t b = 0, from = 0; b < blobs; b++) {
        if (h->blobs[b].refs > 0) {
            write_runs(w, pages + from, bytes + from, starts[b] - from);
        }
        from = starts[b];
    }
    sb_free(h->mem, starts, room);
    return true;
}

bool
sb_homes_write(const sb_homes *h, sb_writer *w)
{
    uint32_t needed = 0;
    for (uint32_t b = 0; b < h->count_blobs; b++) {
        needed += h->blobs[b].refs > 0;
    }
    sb_write_varint(w, needed);
    for (uint32_t b = 0; b < h->count_blobs; b++) {
        const sb_home_blob *blob = &h->blobs[b];
        if (blob->refs > 0) {
            sb_write_str(w, sb_str_of(blob->name));
            sb_write_u64(w, blob->id);
            sb_write_i64(w, blob->file_bytes);
            sb_write_i64(w, blob->total);
        }
    }
    for (uint32_t i = 0; i < h->count_tables; i++) {
        if (!write_table(h, &h->tables[i], w)) {
            return false;
        }
    }
    return !w->out.failed;
}

static sb_status
damaged(sb_error *err)
{
    SB_FAIL(err, SB_STATUS_CORRUPT,
            "the description of keyed state is damaged: impossible list of pages");
}

static sb_status
read_runs(sb_homes *h, uint32_t table, uint32_t number, sb_reader *r, sb_error *err)
{
    uint64_t runs = sb_read_varint(r), page = 0;
    for (uint64_t i = 0; i < runs && !r->failed; i++) {
        uint64_t skip = sb_read_varint(r), n = sb_read_varint(r);
        if (skip >= PAGES_MAX || n >= PAGES_MAX || page + skip + n > PAGES_MAX ||
            n > sb_reader_left(r)) {
            return damaged(err);
        }
        page += skip;
        for (uint64_t k = 0; k < n; k++, page++) {
            uint64_t bytes = sb_read_varint(r);
            const sb_home *old = sb_homes_get(h, table, (uint32_t)page);
            sb_home home = old ? *old : (sb_home){0};
            if (home.count == SB_HOME_REFS || bytes > UINT32_MAX) {
                return damaged(err);
            }
            home.refs[home.count++] = (sb_home_ref){number, (uint32_t)bytes};
            if (!sb_homes_set(h, table, (uint32_t)page, &home)) {
                SB_NOMEM(err);
            }
        }
    }
    return r->failed ? damaged(err) : SB_OK;
}

sb_status
sb_homes_read(sb_homes *h, sb_reader *r, sb_error *err)
{
    sb_status status = SB_OK;
    uint64_t count = sb_read_varint(r);
    for (uint64_t b = 0; b < count; b++) {
        char name[BLOB_NAME_MAX + 1];
        sb_str view = sb_read_str(r);
        uint64_t id = sb_read_u64(r);
        int64_t file_bytes = sb_read_i64(r), total = sb_read_i64(r);
        if (r->failed || view.size == 0 || view.size > BLOB_NAME_MAX ||
            memchr(view.data, 0, view.size)) {
            return damaged(err);
        }
        memcpy(name, view.data, view.size);
        name[view.size] = 0;
        sb_home_blob *blob = sb_homes_add_blob(h, name, id);
        if (!blob) {
            SB_NOMEM(err);
        }
        blob->file_bytes = file_bytes;
        blob->total = total;
    }
    for (uint32_t t = 0; t < h->count_tables && status == SB_OK; t++) {
        for (uint32_t b = 0; b < count && status == SB_OK; b++) {
            status = read_runs(h, t, h->blobs[b].number, r, err);
        }
    }
    if (status == SB_OK) {
        sb_homes_commit(h);
    }
    return status;
}
