/*
 * expr/fn_parse_url.c -- PARSE_URL: parts of a URL as java.net.URL takes it apart.
 *
 * DESIGN     Slices of the text. What Java refuses (an unknown protocol, a broken port) is NULL.
 */
#include "expr/infer.h"
#include "kernels/number.h"
#include "kernels/utf8.h"

#include <string.h>

typedef struct url {      /* data NULL: the part is missing */
    const char *protocol; /* in lower case, static */
    sb_str host, path, query, ref, authority, user;
    sb_str file; /* path and query */
} url;

static sb_str
slice(sb_str s, size_t from, size_t to)
{
    return (sb_str){s.data + from, to - from};
}

/* The first c at or after `from`; to: none before it. */
static size_t
find_char(sb_str s, char c, size_t from, size_t to)
{
    const char *at = from < to ? memchr(s.data + from, c, to - from) : NULL;
    return at ? (size_t)(at - s.data) : to;
}

static sb_str
trimmed(sb_str s)
{
    while (s.size > 0 && (unsigned char)s.data[0] <= ' ') {
        s = slice(s, 1, s.size);
    }
    while (s.size > 0 && (unsigned char)s.data[s.size - 1] <= ' ') {
        s.size--;
    }
    return s;
}

/* Reads a protocol that Java has a handler for; *out_at: behind its colon. */
static bool
read_protocol(sb_str s, url *u, size_t *out_at)
{
    static const char *const known[] = {"http", "https", "ftp", "file", "mailto", "jar"};
    size_t start = s.size >= 4 && sb_str_equal_nocase(slice(s, 0, 4), SB_STR("url:")) ? 4 : 0;
    size_t colon = find_char(s, ':', start, s.size);
    if (colon == s.size) {
        return false;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (sb_str_equal_nocase(slice(s, start, colon), sb_str_of(known[i]))) {
            u->protocol = known[i];
            *out_at = colon + 1;
            return true;
        }
    }
    return false;
}

/* What is behind the colon: empty, or an int from -1 on. */
static bool
is_port(sb_str s)
{
    int64_t port;
    return s.size == 0 || (find_char(s, '.', 0, s.size) == s.size &&
                           sb_int_parse(s.data, s.size, -1, INT32_MAX, &port) == SB_INT_OK);
}

static bool
read_bracketed_host(url *u)
{
    sb_str h = u->host;
    size_t end = find_char(h, ']', 0, h.size), colons = 0;
    if (end == h.size || end <= 2) {
        return false;
    }
    for (size_t i = 1; i < end; i++) {
        char c = h.data[i];
        bool hex = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
        if (c == '%') {
            break; /* a zone may be called anything */
        }
        if (!hex && c != ':' && c != '.') {
            return false;
        }
        colons += c == ':';
    }
    u->host = slice(h, 0, end + 1);
    return colons >= 2 &&
           (end + 1 == h.size || (h.data[end + 1] == ':' && is_port(slice(h, end + 2, h.size))));
}

/* [user@]host[:port] */
static bool
read_authority(url *u)
{
    sb_str a = u->authority;
    size_t at = find_char(a, '@', 0, a.size);
    u->host = a;
    if (at < a.size) {
        if (find_char(a, '@', at + 1, a.size) < a.size) {
            u->host = SB_STR("");
            return true;
        }
        u->user = slice(a, 0, at);
        u->host = slice(a, at + 1, a.size);
    }
    if (u->host.size > 0 && u->host.data[0] == '[') {
        return read_bracketed_host(u);
    }
    size_t colon = find_char(u->host, ':', 0, u->host.size);
    bool fine = colon == u->host.size || is_port(slice(u->host, colon + 1, u->host.size));
    u->host = slice(u->host, 0, colon);
    return fine;
}

static bool
parse_url(sb_str text, url *u)
{
    size_t at = 0;
    *u = (url){.host = SB_STR("")};
    sb_str s = trimmed(text);
    if (!read_protocol(s, u, &at)) {
        return false;
    }
    size_t limit = find_char(s, '#', at, s.size);
    if (limit < s.size) {
        u->ref = slice(s, limit + 1, s.size);
    }
    size_t end = find_char(s, '?', at, limit);
    if (end < limit) {
        u->query = slice(s, end + 1, limit);
    }
    sb_str body = slice(s, 0, end);
    bool slashes = end - at >= 2 && memcmp(s.data + at, "//", 2) == 0;
    bool unc = end - at >= 4 && memcmp(s.data + at, "////", 4) == 0;
    if (strcmp(u->protocol, "mailto") == 0) {
        slashes = false;
        if (at == limit) {
            return false;
        }
    }
    if (slashes && !unc) {
        size_t slash = find_char(body, '/', at + 2, end);
        u->authority = slice(body, at + 2, slash);
        at = slash;
        if (!read_authority(u)) {
            return false;
        }
    }
    u->path = slice(body, at, end);
    u->file = slice(s, at, limit);
    return true;
}

/* The value of key=value in a query. */
static sb_str
query_value(sb_str query, sb_str key)
{
    for (size_t i = 0; query.data && i + key.size < query.size; i++) {
        bool begins = i == 0 || query.data[i - 1] == '&';
        if (begins && query.data[i + key.size] == '=' &&
            memcmp(query.data + i, key.data, key.size) == 0) {
            size_t from = i + key.size + 1;
            return slice(query, from, find_char(query, '&', from, query.size));
        }
    }
    return (sb_str){0};
}

static sb_str
part_of(const url *u, sb_str name)
{
    const struct {
        const char *name;
        sb_str part;
    } parts[] = {{"HOST", u->host},    {"PATH", u->path}, {"QUERY", u->query},
                 {"REF", u->ref},      {"FILE", u->file}, {"AUTHORITY", u->authority},
                 {"USERINFO", u->user}};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (sb_str_equal(name, sb_str_of(parts[i].name))) {
            return parts[i].part;
        }
    }
    return (sb_str){0};
}

static sb_status
parse_url_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str name = sb_arg_str(args[1]), part = {0};
    url u;
    if (parse_url(sb_arg_str(args[0]), &u)) {
        if (call->expr->count_args == 3) {
            bool query = sb_str_equal(name, SB_STR("QUERY"));
            part = query ? query_value(u.query, sb_arg_str(args[2])) : (sb_str){0};
        } else if (sb_str_equal(name, SB_STR("PROTOCOL"))) {
            return sb_call_string(call, out, u.protocol, strlen(u.protocol), err);
        } else {
            part = part_of(&u, name);
        }
    }
    call->is_null = part.data == NULL;
    if (part.data) {
        sb_call_slice(call, out, 0, part.data, part.size);
    }
    return SB_OK;
}

const sb_impl sb_impl_parse_url = {.row = parse_url_row};
