/*
 * formats/registry.c -- see registry.h.
 */
#include "formats/registry.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "formats/http.h"

#define TIMEOUT_MS 10000
#define TRIES      4
#define PAUSE_MS   200
#define URLS_MAX   8

struct sb_registry {
    sb_mem *mem;
    sb_arena *arena; /* texts of options */
    sb_http *http;
    int32_t count_urls;
    const char *urls[URLS_MAX];
};

/* ---- options ---- */

static bool
is_jks(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (strcmp(dot, ".jks") == 0 || strcmp(dot, ".JKS") == 0);
}

static sb_status
check_stores(const sb_format_table *table, sb_error *err)
{
    static const char *const keys[] = {"ssl.truststore.location", "ssl.keystore.location"};
    for (int i = 0; i < 2; i++) {
        const char *path = sb_format_get(table, keys[i], NULL);
        if (path && is_jks(path)) {
            (void)sb_format_bad_option(table, keys[i], "a Java key store cannot be read", err);
            sb_error_hint(err,
                          i == 0 ? "keytool -exportcert -rfc -keystore %s -alias NAME > ca.pem"
                                 : "keytool -importkeystore -srckeystore %s -destkeystore key.p12 "
                                   "-deststoretype PKCS12",
                          path);
            return SB_STATUS_INVALID;
        }
    }
    return SB_OK;
}

/* One of the properties "a:1,b:2" or "a=1;b=2" (a map as Flink writes it); false: not there. */
static bool
find_property(const char *all, const char *key, int32_t *out)
{
    const char *at = all ? strstr(all, key) : NULL;
    if (!at || (at > all && !strchr(",; ", at[-1]))) {
        return false;
    }
    at += strlen(key);
    at += strspn(at, " ");
    if (*at != ':' && *at != '=') {
        return false;
    }
    char *end;
    long v = strtol(at + 1, &end, 10);
    *out = v > 0 && v < 3600000 ? (int32_t)v : *out;
    return end > at + 1;
}

static sb_status
read_options(const sb_format_table *table, sb_http_options *out, sb_error *err)
{
    const char *basic = sb_format_get(table, "basic-auth.credentials-source", NULL);
    const char *bearer = sb_format_get(table, "bearer-auth.credentials-source", NULL);
    const char *more = sb_format_get(table, "properties", NULL);
    int32_t retries = TRIES - 1;
    *out = (sb_http_options){.timeout_ms = TIMEOUT_MS, .pause_ms = PAUSE_MS};
    out->user_info = sb_format_get(table, "basic-auth.user-info", NULL);
    out->token = sb_format_get(table, "bearer-auth.token", NULL);
    out->ca = sb_format_get(table, "ssl.truststore.location", NULL);
    out->key_store = sb_format_get(table, "ssl.keystore.location", NULL);
    out->key_password = sb_format_get(table, "ssl.keystore.password", NULL);
    (void)find_property(more, "http.read.timeout.ms", &out->timeout_ms);
    (void)find_property(more, "max.retries", &retries);
    out->tries = retries + 1;
    SB_TRY(check_stores(table, err), err);
    if (basic && strcmp(basic, "SASL_INHERIT") == 0) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: 'basic-auth.credentials-source' = 'SASL_INHERIT'; write USER_INFO");
    }
    if (basic && strcmp(basic, "USER_INFO") != 0 && strcmp(basic, "URL") != 0) {
        return sb_format_bad_option(table, "basic-auth.credentials-source",
                                    "expected USER_INFO or URL", err);
    }
    if (basic && strcmp(basic, "USER_INFO") == 0 && !out->user_info) {
        return sb_format_bad_option(table, "basic-auth.credentials-source",
                                    "'basic-auth.user-info' is missing", err);
    }
    if (!basic || strcmp(basic, "URL") == 0) {
        out->user_info = NULL; /* as Flink: without a source it is not looked at */
    }
    if (bearer && strcmp(bearer, "STATIC_TOKEN") != 0) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: 'bearer-auth.credentials-source' = '%s'; write STATIC_TOKEN",
                bearer);
    }
    if (bearer && !out->token) {
        return sb_format_bad_option(table, "bearer-auth.credentials-source",
                                    "'bearer-auth.token' is missing", err);
    }
    if (!bearer) {
        out->token = NULL;
    }
    return SB_OK;
}

sb_status
sb_registry_check(const sb_format_table *table, bool needs_url, sb_error *err)
{
    sb_http_options options;
    const char *url = sb_format_get(table, "url", NULL);
    if (needs_url && !url) {
        SB_FAIL(err, SB_STATUS_INVALID, "option 'url' of the schema registry is missing");
    }
    if (url && strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0) {
        return sb_format_bad_option(table, "url", "expected http:// or https://", err);
    }
    return read_options(table, &options, err);
}

static sb_status
set_urls(sb_registry *r, const char *all, sb_error *err)
{
    while (*all) {
        size_t size = strcspn(all, ",");
        const char *from = all + strspn(all, " ");
        size_t used = size - (size_t)(from - all);
        while (used > 0 && (from[used - 1] == '/' || from[used - 1] == ' ')) {
            used--;
        }
        if (used > 0) {
            if (r->count_urls == URLS_MAX) {
                SB_FAIL(err, SB_STATUS_LIMIT, "more than %d urls of schema registries", URLS_MAX);
            }
            r->urls[r->count_urls] = sb_arena_strndup(r->arena, from, used);
            if (!r->urls[r->count_urls++]) {
                SB_NOMEM(err);
            }
        }
        all += size + (all[size] == ',');
    }
    return SB_OK;
}

sb_status
sb_registry_new(sb_mem *mem, const sb_format_table *table, sb_registry **out, sb_error *err)
{
    sb_http_options options;
    SB_TRY(sb_registry_check(table, true, err), err);
    SB_TRY(read_options(table, &options, err), err);
    sb_registry *r = sb_alloc_zero(mem, sizeof *r);
    if (!r) {
        SB_NOMEM(err);
    }
    r->mem = mem;
    r->arena = sb_arena_new(mem);
    sb_status status =
        r->arena ? set_urls(r, sb_format_get(table, "url", ""), err)
                 : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status == SB_OK) {
        status = sb_http_new(mem, &options, &r->http, err);
    }
    if (status != SB_OK) {
        sb_registry_free(r);
        return status;
    }
    *out = r;
    return SB_OK;
}

sb_registry *
sb_registry_free(sb_registry *registry)
{
    if (registry) {
        sb_http_free(registry->http);
        sb_arena_free(registry->arena);
        sb_free(registry->mem, registry, sizeof *registry);
    }
    return NULL;
}

/* ---- requests ---- */

static sb_status
no_json(const char *url, sb_error *err)
{
    SB_FAIL(err, SB_STATUS_DATA, "schema registry %s: the answer is not what a registry answers",
            url);
}

/* What the registry says of itself in an error: {"error_code":..., "message":...}. */
static sb_status
refused(const char *url, int32_t code, const sb_text *answer, sb_error *err)
{
    json_t *root = json_loadb(answer->data, answer->size, 0, NULL);
    const char *message = json_string_value(json_object_get(root, "message"));
    sb_error_set(err, code == 404 ? SB_STATUS_NOT_FOUND : SB_STATUS_IO, __FILE__, __LINE__,
                 "schema registry %s: HTTP %d%s%.200s", url, code, message ? ": " : "",
                 message ? message : "");
    if (code == 401 || code == 403) {
        sb_error_hint(err, "'basic-auth.credentials-source' = 'USER_INFO' with "
                           "'basic-auth.user-info', or 'bearer-auth.credentials-source' = "
                           "'STATIC_TOKEN' with 'bearer-auth.token'");
    }
    err->retriable = code >= 500 || code == 429;
    json_decref(root);
    return err->status;
}

/* Asks the urls one after the other until one answers. */
static sb_status
ask(sb_registry *r, const char *path, const char *body, json_t **out, sb_error *err)
{
    sb_text url, answer;
    sb_text_init(&url, r->mem);
    sb_text_init(&answer, r->mem);
    sb_status status = SB_STATUS_INTERNAL;
    for (int32_t i = 0; i < r->count_urls; i++) {
        int32_t code = 0;
        sb_text_clear(&url);
        sb_text_printf(&url, "%s%s", r->urls[i], path);
        status = url.failed
                     ? sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                     : sb_http_call(r->http, url.data, body, &code, &answer, err);
        if (status == SB_OK && code / 100 != 2) {
            status = refused(url.data, code, &answer, err);
        }
        if (status == SB_OK) {
            *out = json_loadb(answer.data, answer.size, JSON_REJECT_DUPLICATES, NULL);
            status = *out ? SB_OK : no_json(url.data, err);
            break;
        }
        if (status != SB_STATUS_TIMEOUT && !(status == SB_STATUS_IO && err->retriable)) {
            break;
        }
    }
    sb_text_deinit(&url);
    sb_text_deinit(&answer);
    return status;
}

sb_status
sb_registry_schema(sb_registry *r, int32_t id, sb_text *schema, sb_text *type, sb_error *err)
{
    char path[64];
    json_t *root = NULL;
    snprintf(path, sizeof path, "/schemas/ids/%d", id);
    SB_TRY(ask(r, path, NULL, &root, err), err);
    const json_t *text = json_object_get(root, "schema");
    const char *kind = json_string_value(json_object_get(root, "schemaType"));
    size_t references = json_array_size(json_object_get(root, "references"));
    sb_status status = SB_OK;
    if (!json_is_string(text)) {
        status = no_json(r->urls[0], err);
    } else if (references > 0) {
        status = sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                              "not supported: schema %d refers to other schemas", id);
    } else {
        sb_text_clear(schema);
        sb_text_clear(type);
        sb_text_append(schema, json_string_value(text), json_string_length(text));
        sb_text_add(type, kind ? kind : "AVRO");
        if (schema->failed || type->failed) {
            status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
        }
    }
    json_decref(root);
    return status;
}

/* Bytes that a path may not have as they are. */
static void
put_escaped(sb_text *out, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~", c);
        if (plain) {
            sb_text_char(out, (char)c);
        } else {
            sb_text_printf(out, "%%%02X", c);
        }
    }
}

sb_status
sb_registry_register(sb_registry *r, const char *subject, const char *type, const char *schema,
                     int32_t *id, sb_error *err)
{
    json_t *root = NULL;
    bool avro = strcmp(type, "AVRO") == 0;
    json_t *body = avro ? json_pack("{s:s}", "schema", schema)
                        : json_pack("{s:s,s:s}", "schemaType", type, "schema", schema);
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    sb_text path;
    sb_text_init(&path, r->mem);
    sb_text_add(&path, "/subjects/");
    put_escaped(&path, subject);
    sb_text_add(&path, "/versions");
    sb_status status = text && !path.failed ? ask(r, path.data, text, &root, err)
                                            : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__,
                                                           "out of memory");
    if (status == SB_OK) {
        const json_t *got = json_object_get(root, "id");
        *id = (int32_t)json_integer_value(got);
        status = json_is_integer(got) ? SB_OK : no_json(r->urls[0], err);
    } else {
        sb_error_prefix(err, "schema of subject '%s'", subject);
    }
    json_decref(root);
    json_decref(body);
    free(text);
    sb_text_deinit(&path);
    return status;
}
