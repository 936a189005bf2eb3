/*
 * expr/zone.c -- see zone.h. The POSIX rule of the footer: zone_rule.c.
 *
 * DESIGN     A zone is a sorted table of transitions. The footer's rule is expanded to 401 years
 * after the last transition of the file; later instants are moved back by multiples of 400 years,
 * after which the calendar repeats. THREADS    The cache has a mutex; a zone in it never changes.
 */
#include "expr/zone.h"

#include "expr/zone_priv.h"

#include <stdatomic.h>
#include <string.h>

#define US      INT64_C(1000000)
#define CYCLE_S (INT64_C(146097) * 86400) /* 400 years */

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* ---- look-up ------------------------------------------------------------------------------------
 */

/* How many transitions are at or before the instant. */
static int32_t
find_utc(const sb_zone *z, int64_t utc_s)
{
    int32_t low = 0, high = z->count;
    while (low < high) {
        int32_t mid = (low + high) / 2;
        if (z->transitions[mid].utc_s <= utc_s) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static int32_t
offset_after(const sb_zone *z, int32_t count)
{
    return count == 0 ? z->first_offset_s : z->transitions[count - 1].offset_s;
}

/* Instants beyond the table: how far to move back. */
static int64_t
cycle_shift(const sb_zone *z, int64_t s)
{
    if (z->count == 0 || !z->has_rule || s < z->last_s) {
        return 0;
    }
    return ((s - z->last_s) / CYCLE_S + 1) * CYCLE_S;
}

int32_t
sb_zone_offset_s(const sb_zone *zone, int64_t utc_us)
{
    int64_t s = floor_div(utc_us, US);
    return offset_after(zone, find_utc(zone, s - cycle_shift(zone, s)));
}

/* The smaller of the last two offsets: summer time is ahead. */
static int32_t
standard_offset_s(const sb_zone *zone)
{
    int32_t last = offset_after(zone, zone->count);
    int32_t other = zone->has_rule && zone->count > 0 ? offset_after(zone, zone->count - 1) : last;
    return last < other ? last : other;
}

int64_t
sb_zone_util_offset_us(const sb_zone *zone, int64_t utc_us)
{
    const int64_t year_1900 = INT64_C(-2208988800) * US;
    return US * (utc_us < year_1900 ? standard_offset_s(zone) : sb_zone_offset_s(zone, utc_us));
}

static int64_t
add_s(int64_t us, int64_t s)
{
    return (int64_t)((uint64_t)us + (uint64_t)(s * US));
}

int64_t
sb_zone_to_local(const sb_zone *zone, int64_t utc_us)
{
    if (zone->count == 0) {
        return add_s(utc_us, zone->first_offset_s);
    }
    return add_s(utc_us, sb_zone_offset_s(zone, utc_us));
}

int64_t
sb_zone_to_utc(const sb_zone *zone, int64_t local_us)
{
    if (zone->count == 0) {
        return add_s(local_us, -(int64_t)zone->first_offset_s);
    }
    int64_t s = floor_div(local_us, US);
    s -= cycle_shift(zone, s);
    /* The offset before a transition holds until local time transition + max(before, after): in a
     * gap and in an overlap it is the one that java.time takes. */
    int32_t low = 0, high = zone->count;
    while (low < high) {
        int32_t mid = (low + high) / 2;
        int32_t before = offset_after(zone, mid), after = zone->transitions[mid].offset_s;
        if (zone->transitions[mid].utc_s + (before > after ? before : after) <= s) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return add_s(local_us, -(int64_t)offset_after(zone, low));
}

int64_t
sb_zone_to_utc_later(const sb_zone *zone, int64_t local_us)
{
    const int64_t day = INT64_C(86400000000);
    int64_t utc = sb_zone_to_utc(zone, local_us);
    if (utc > INT64_MAX - day) {
        return utc;
    }
    int64_t later = local_us - (int64_t)sb_zone_offset_s(zone, utc + day) * 1000000;
    return later > utc && sb_zone_to_local(zone, later) == local_us ? later : utc;
}

bool
sb_zone_is_utc(const sb_zone *zone)
{
    return zone->count == 0 && zone->first_offset_s == 0;
}

const char *
sb_zone_name(const sb_zone *zone)
{
    return zone->name;
}

/* ---- making -------------------------------------------------------------------------------------
 */

sb_zone *
sb_zone_free(sb_zone *zone)
{
    if (zone) {
        sb_free(zone->mem, zone->transitions, sizeof *zone->transitions * (size_t)zone->capacity);
        sb_free(zone->mem, zone, sizeof *zone);
    }
    return NULL;
}

static sb_zone *
zone_new(sb_mem *mem, const char *name)
{
    sb_zone *z = sb_alloc_zero(mem, sizeof *z);
    if (z) {
        z->mem = mem;
        size_t size = strnlen(name, sizeof z->name - 1);
        memcpy(z->name, name, size);
    }
    return z;
}

static bool
reserve(sb_zone *z, int32_t count)
{
    sb_transition *t = sb_realloc(z->mem, z->transitions, sizeof *t * (size_t)z->capacity,
                                  sizeof *t * (size_t)count);
    if (!t) {
        return false;
    }
    z->transitions = t;
    z->capacity = count;
    return true;
}

typedef struct tzif_counts {
    uint32_t utc_flags, std_flags, leaps, times, types, chars;
} tzif_counts;

static uint32_t
big32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t
big64(const uint8_t *p)
{
    return (int64_t)((uint64_t)big32(p) << 32 | big32(p + 4));
}

/* Reads the 44-byte header; false: not TZif. */
static bool
read_header(const uint8_t *p, size_t size, uint8_t *version, tzif_counts *c)
{
    if (size < 44 || memcmp(p, "TZif", 4) != 0) {
        return false;
    }
    *version = p[4];
    *c = (tzif_counts){big32(p + 20), big32(p + 24), big32(p + 28),
                       big32(p + 32), big32(p + 36), big32(p + 40)};
    return c->times < 100000 && c->types < 1000 && c->chars < 100000 && c->leaps < 10000 &&
           c->utc_flags < 1000 && c->std_flags < 1000;
}

static size_t
body_size(const tzif_counts *c, size_t time_size)
{
    return c->times * (time_size + 1) + c->types * 6 + c->chars + c->leaps * (time_size + 4) +
           c->std_flags + c->utc_flags;
}

/* The version 2 body: transitions and local time types. */
static sb_status
read_body(sb_zone *z, const uint8_t *p, const tzif_counts *c, sb_error *err)
{
    const uint8_t *indexes = p + c->times * 8, *types = indexes + c->times;
    if (c->types == 0) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "time zone file '%s' has no local time", z->name);
    }
    if (!reserve(z, (int32_t)c->times + SB_ZONE_RULE_YEARS * 2)) {
        SB_NOMEM(err);
    }
    z->first_offset_s = (int32_t)big32(types);
    for (uint32_t i = 0; i < c->times; i++) {
        if (indexes[i] >= c->types) {
            SB_FAIL(err, SB_STATUS_CORRUPT, "time zone file '%s' is damaged", z->name);
        }
        int32_t offset = (int32_t)big32(types + 6 * indexes[i]);
        if (offset == offset_after(z, z->count)) {
            continue; /* only the name or the daylight flag changes */
        }
        z->transitions[z->count++] = (sb_transition){.utc_s = big64(p + i * 8), .offset_s = offset};
    }
    return SB_OK;
}

sb_status
sb_zone_parse(sb_mem *mem, const char *name, const void *data, size_t size, sb_zone **out,
              sb_error *err)
{
    const uint8_t *p = data, *end = p + size;
    uint8_t version;
    tzif_counts c;
    sb_status status = SB_OK;
    if (!read_header(p, size, &version, &c) || version < '2' ||
        body_size(&c, 4) + 44 > (size_t)(end - p)) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "time zone file '%s' is not TZif version 2", name);
    }
    p += 44 + body_size(&c, 4);
    if (!read_header(p, (size_t)(end - p), &version, &c) ||
        body_size(&c, 8) + 44 > (size_t)(end - p)) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "time zone file '%s' is cut short", name);
    }
    sb_zone *z = zone_new(mem, name);
    if (!z) {
        SB_NOMEM(err);
    }
    SB_GOTO(read_body(z, p + 44, &c, err), err, fail);
    p += 44 + body_size(&c, 8);
    const uint8_t *stop = p < end ? memchr(p + 1, '\n', (size_t)(end - p - 1)) : NULL;
    if (p < end && *p == '\n' && stop && stop > p + 1) {
        SB_GOTO(sb_zone_apply_rule(z, (const char *)p + 1, (size_t)(stop - p - 1), err), err, fail);
    }
    *out = z;
    return SB_OK;
fail:
    sb_zone_free(z);
    return status;
}

/* ---- names --------------------------------------------------------------------------------------
 */

/* 1..2 digits; -1: none. */
static int
two_digits(const char **p)
{
    int v = 0, n = 0;
    for (; n < 2 && **p >= '0' && **p <= '9'; n++, (*p)++) {
        v = v * 10 + (**p - '0');
    }
    return n ? v : -1;
}

/* "Z", "UTC", "+8", "UTC+08:30", "GMT-3:00:15", "+0830"; false: not a fixed offset. */
static bool
fixed_offset(const char *name, int32_t *out_s)
{
    static const char *const prefixes[] = {"UTC", "GMT", "UT"};
    const char *p = name;
    *out_s = 0;
    if (strcmp(name, "Z") == 0) {
        return true;
    }
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(prefixes[i]);
        if (strncmp(p, prefixes[i], n) == 0) {
            p += n;
            if (!*p) {
                return true;
            }
            break;
        }
    }
    if (*p != '+' && *p != '-') {
        return false;
    }
    bool west = *p++ == '-';
    int h = two_digits(&p), m = 0, s = 0;
    if (h < 0) {
        return false;
    }
    if (*p) {
        p += *p == ':';
        m = two_digits(&p);
    }
    if (*p) {
        p += *p == ':';
        s = two_digits(&p);
    }
    if (*p || m < 0 || s < 0 || m > 59 || s > 59 || h * 3600 + m * 60 + s > 18 * 3600) {
        return false;
    }
    *out_s = (h * 3600 + m * 60 + s) * (west ? -1 : 1);
    return true;
}

static bool
name_is_safe(const char *name)
{
    size_t size = strlen(name);
    if (size == 0 || size >= SB_ZONE_NAME || strstr(name, "..") || name[0] == '/') {
        return false;
    }
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/") ==
           size;
}

static sb_status
zone_read(sb_os *os, const char *name, sb_zone **out, sb_error *err)
{
    sb_mem *mem = sb_mem_root();
    int32_t offset;
    if (fixed_offset(name, &offset)) {
        *out = zone_new(mem, name);
        if (!*out) {
            SB_NOMEM(err);
        }
        (*out)->first_offset_s = offset;
        return SB_OK;
    }
    sb_text path, data;
    sb_status status = SB_OK;
    const char *folder = sb_env("TZDIR");
    sb_text_init(&path, mem);
    sb_text_init(&data, mem);
    sb_text_printf(&path, "%s/%s", folder && *folder ? folder : "/usr/share/zoneinfo", name);
    status = name_is_safe(name) ? sb_os_read_file(os, path.data, &data, err) : SB_STATUS_NOT_FOUND;
    if (status == SB_OK) {
        status = sb_zone_parse(mem, name, data.data, data.size, out, err);
    }
    sb_text_deinit(&path);
    sb_text_deinit(&data);
    if (status != SB_OK && status != SB_STATUS_NOMEM) {
        sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__, "unknown time zone '%.100s'",
                     name);
        sb_error_hint(err, "use an IANA name such as 'Europe/Berlin' or an offset such as 'UTC+8' "
                           "or '+08:00'");
        return SB_STATUS_NOT_FOUND;
    }
    return status;
}

/* ---- cache --------------------------------------------------------------------------------------
 */

static _Atomic(sb_mutex *) cache_mutex;
static sb_zone *cache; /* linked by next; guarded by cache_mutex */

static sb_mutex *
cache_lock(void)
{
    sb_mutex *m = atomic_load(&cache_mutex);
    if (!m) {
        sb_mutex *made = sb_mutex_new();
        if (atomic_compare_exchange_strong(&cache_mutex, &m, made)) {
            m = made;
        } else {
            sb_mutex_free(made);
        }
    }
    sb_mutex_lock(m);
    return m;
}

sb_status
sb_zone_load(sb_os *os, const char *name, const sb_zone **out, sb_error *err)
{
    sb_mutex *m = cache_lock();
    sb_status status = SB_OK;
    sb_zone *z = cache;
    while (z && strcmp(z->name, name) != 0) {
        z = z->next;
    }
    if (!z) {
        status = zone_read(os, name, &z, err);
        if (status == SB_OK) {
            z->next = cache;
            cache = z;
        }
    }
    sb_mutex_unlock(m);
    if (status == SB_OK) {
        *out = z;
    }
    return status;
}
