/*
 * connectors/kafka/kafka_properties.c -- properties of clients, as librdkafka wants them.
 */
#include "connectors/kafka/kafka_properties.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/kafka/kafka_jaas.h"

typedef enum row_kind { SAME, NEWER, RENAMED, MADE, ENGINE, IGNORED, REFUSED } row_kind;

typedef struct row {
    const char *name, *target, *text;
    uint8_t kind, clients;
} row;

static const row rows[] = {
#define X(kind, name, clients, target, text) {name, target, text, kind, SB_KAFKA_FOR_##clients},
#include "connectors/kafka/kafka_properties.def"
#undef X
};
#define COUNT_ROWS ((int)(sizeof rows / sizeof rows[0]))

static const row *
find_row(const char *name)
{
    for (int i = 0; i < COUNT_ROWS; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

const char *
sb_kafka_property_near(const char *name)
{
    const char *best = NULL;
    int distance = strlen(name) > 8 ? 4 : 3; /* one above what is near */
    for (int i = 0; i < COUNT_ROWS; i++) {
        int d = sb_str_distance(sb_str_of(name), sb_str_of(rows[i].name), 4);
        if (d < distance && rows[i].kind != REFUSED) {
            best = rows[i].name;
            distance = d;
        }
    }
    return best;
}

sb_status
sb_kafka_property_check(const sb_log_property *property, sb_error *err)
{
    const row *r = find_row(property->key);
    const char *near = r ? NULL : sb_kafka_property_near(property->key);
    if (near) {
        sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                     "unknown property '%s' of Kafka clients", property->key);
        sb_error_hint(err, "did you mean 'properties.%s'?", near);
        return SB_STATUS_INVALID;
    }
    if (r && r->kind == REFUSED) {
        sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                     "not supported: the property '%s' of Kafka clients", property->key);
        sb_error_hint(err, "%s", r->text);
        return SB_STATUS_NOT_SUPPORTED;
    }
    return SB_OK;
}

/* --- what is made of some --- */

typedef struct maker {
    const sb_log_config *config;
    sb_arena *arena;
    sb_kafka_native *at;
    int32_t count, capacity;
} maker;

static sb_status
add(maker *m, const char *key, const char *value, const char *written, uint8_t clients,
    sb_error *err)
{
    if (m->count == m->capacity) {
        int32_t capacity = m->capacity * 2 + 16;
        sb_kafka_native *at = SB_NEW_ARRAY(m->arena, sb_kafka_native, capacity);
        if (!at) {
            SB_NOMEM(err);
        }
        if (m->count > 0) {
            memcpy(at, m->at, sizeof *at * (size_t)m->count);
        }
        m->at = at;
        m->capacity = capacity;
    }
    if (!value) {
        SB_NOMEM(err);
    }
    m->at[m->count++] = (sb_kafka_native){key, value, written, clients, false};
    return SB_OK;
}

static void
note(const maker *m, const char *name, const char *text)
{
    if (m->config->note) {
        const char *line = sb_arena_printf(m->arena, "the property '%s' changes nothing%s%s", name,
                                           *text ? ": " : "", text);
        m->config->note(m->config->ctx, true, line ? line : name);
    }
}

static const char *
given(const maker *m, const char *name)
{
    const char *value = NULL;
    for (int32_t i = 0; i < m->config->count; i++) {
        if (strcmp(m->config->properties[i].key, name) == 0) {
            value = m->config->properties[i].value;
        }
    }
    return value;
}

static sb_status
bad_value(const sb_log_property *p, const char *why, sb_error *err)
{
    SB_FAIL(err, SB_STATUS_INVALID, "option 'properties.%s' = '%s': %s", p->key, p->value, why);
}

/* Java's -1 is librdkafka's 0. */
static sb_status
make_socket_buffer(maker *m, const row *r, const sb_log_property *p, sb_error *err)
{
    return add(m, r->target, strcmp(p->value, "-1") == 0 ? "0" : p->value, p->key, r->clients, err);
}

static sb_status
make_request_timeout(maker *m, const row *r, const sb_log_property *p, sb_error *err)
{
    return add(m, r->target, p->value, p->key, r->clients, err);
}

static sb_status
make_buffer_memory(maker *m, const row *r, const sb_log_property *p, sb_error *err)
{
    char *end;
    long long bytes = strtoll(p->value, &end, 10);
    if (end == p->value || *end || bytes <= 0) {
        return bad_value(p, "expected a number of bytes", err);
    }
    return add(m, r->target, sb_arena_printf(m->arena, "%lld", bytes < 1024 ? 1 : bytes / 1024),
               p->key, r->clients, err);
}

static sb_status
make_kinit(maker *m, const row *r, const sb_log_property *p, sb_error *err)
{
    if (!strchr(p->value, ' ')) {
        note(m, p->key, "a path alone is no command; kinit is found by itself");
        return SB_OK;
    }
    return add(m, r->target, p->value, p->key, r->clients, err);
}

static sb_status
make_login_handler(maker *m, const row *r, const sb_log_property *p, sb_error *err)
{
    const char *last = strrchr(p->value, '.');
    if (strcmp(last ? last + 1 : p->value, "OAuthBearerLoginCallbackHandler") == 0) {
        return add(m, "sasl.oauthbearer.method", "oidc", p->key, r->clients, err);
    }
    sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                 "not supported: 'properties.%s' = '%s' (a class of Java)", p->key, p->value);
    sb_error_hint(err, "OAUTHBEARER with a token endpoint: 'properties.sasl.oauthbearer.method' = "
                       "'oidc', 'properties.sasl.oauthbearer.token.endpoint.url', .client.id, "
                       ".client.secret");
    return SB_STATUS_NOT_SUPPORTED;
}

typedef enum store_type { STORE_PEM, STORE_PKCS12, STORE_JKS } store_type;

static bool
ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), tail = strlen(end);
    return size >= tail && sb_str_equal_nocase((sb_str){text + size - tail, tail}, sb_str_of(end));
}

/* By its declared type, else by the end of its name, else what Java takes. */
static store_type
store_type_of(const char *declared, const char *path)
{
    if (declared) {
        sb_str type = sb_str_of(declared);
        return sb_str_equal_nocase(type, SB_STR("PEM"))      ? STORE_PEM
               : sb_str_equal_nocase(type, SB_STR("PKCS12")) ? STORE_PKCS12
                                                             : STORE_JKS;
    }
    return ends_with(path, ".pem") || ends_with(path, ".crt") || ends_with(path, ".cer") ? STORE_PEM
           : ends_with(path, ".p12") || ends_with(path, ".pfx") ? STORE_PKCS12
                                                                : STORE_JKS;
}

static sb_status
make_truststore(maker *m, const row *r, const sb_log_property *p, sb_error *err)
{
    store_type type = store_type_of(given(m, "ssl.truststore.type"), p->value);
    if (type == STORE_PEM) {
        return add(m, r->target, p->value, p->key, r->clients, err);
    }
    sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                 "not supported: the trust store '%s' is no PEM file ('properties.%s')", p->value,
                 p->key);
    if (type == STORE_PKCS12) {
        sb_error_hint(err,
                      "openssl pkcs12 -in %s -nokeys -out ca.pem; then "
                      "'properties.ssl.ca.location' = 'ca.pem'",
                      p->value);
    } else {
        sb_error_hint(err,
                      "keytool -importkeystore -srckeystore %s -destkeystore trust.p12 "
                      "-deststoretype PKCS12; openssl pkcs12 -in trust.p12 -nokeys -out ca.pem; "
                      "then 'properties.ssl.ca.location' = 'ca.pem' (if it is PEM: "
                      "'properties.ssl.truststore.type' = 'PEM')",
                      p->value);
    }
    return SB_STATUS_NOT_SUPPORTED;
}

static sb_status
make_keystore(maker *m, const row *r, const sb_log_property *p, sb_error *err)
{
    store_type type = store_type_of(given(m, "ssl.keystore.type"), p->value);
    if (type == STORE_PKCS12) {
        return add(m, "ssl.keystore.location", p->value, p->key, r->clients, err);
    }
    if (type == STORE_PEM) {
        SB_TRY(add(m, "ssl.certificate.location", p->value, p->key, r->clients, err), err);
        return add(m, "ssl.key.location", p->value, p->key, r->clients, err);
    }
    sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                 "not supported: the key store '%s' is neither PKCS12 nor PEM ('properties.%s')",
                 p->value, p->key);
    sb_error_hint(err,
                  "keytool -importkeystore -srckeystore %s -destkeystore key.p12 -deststoretype "
                  "PKCS12; then 'properties.ssl.keystore.location' = 'key.p12' (or say "
                  "'properties.ssl.keystore.type' = 'PKCS12' or 'PEM')",
                  p->value);
    return SB_STATUS_NOT_SUPPORTED;
}

static sb_status
make_jaas(maker *m, const row *r, const sb_log_property *p, sb_error *err)
{
    sb_kafka_jaas jaas;
    SB_TRY(sb_kafka_jaas_read(p->value, m->arena, &jaas, err), err);
    for (int i = 0; i < jaas.count; i++) {
        SB_TRY(add(m, jaas.keys[i], jaas.values[i], p->key, r->clients, err), err);
    }
    return SB_OK;
}

typedef struct make_row {
    const char *name;
    sb_status (*make)(maker *m, const row *r, const sb_log_property *p, sb_error *err);
} make_row;

static const make_row makes[] = {
    {"request.timeout.ms", make_request_timeout},
    {"receive.buffer.bytes", make_socket_buffer},
    {"send.buffer.bytes", make_socket_buffer},
    {"buffer.memory", make_buffer_memory},
    {"sasl.jaas.config", make_jaas},
    {"sasl.kerberos.kinit.cmd", make_kinit},
    {"sasl.login.callback.handler.class", make_login_handler},
    {"ssl.truststore.location", make_truststore},
    {"ssl.keystore.location", make_keystore},
};

static sb_status
translate_known(maker *m, const row *r, const sb_log_property *p, sb_error *err)
{
    switch ((row_kind)r->kind) {
    case SAME:
    case NEWER:
        /* Java says "no check of names" with an empty text */
        if (!*p->value && strcmp(r->name, "ssl.endpoint.identification.algorithm") == 0) {
            return add(m, r->name, "none", p->key, r->clients, err);
        }
        SB_TRY(add(m, r->name, p->value, p->key, r->clients, err), err);
        m->at[m->count - 1].optional = r->kind == NEWER;
        return SB_OK;
    case RENAMED: return add(m, r->target, p->value, p->key, r->clients, err);
    case MADE:
        for (size_t i = 0; i < sizeof makes / sizeof makes[0]; i++) {
            if (strcmp(makes[i].name, r->name) == 0) {
                return makes[i].make(m, r, p, err);
            }
        }
        SB_FAIL(err, SB_STATUS_INTERNAL, "nothing makes the property '%s'", r->name);
    case ENGINE: return SB_OK;
    case IGNORED: note(m, p->key, r->text); return SB_OK;
    case REFUSED: break;
    }
    return sb_kafka_property_check(p, err);
}

sb_status
sb_kafka_properties_translate(const sb_log_config *config, sb_arena *arena, sb_kafka_native **out,
                              int32_t *out_count, sb_error *err)
{
    maker m = {.config = config, .arena = arena};
    for (int32_t i = 0; i < config->count; i++) {
        const sb_log_property *p = &config->properties[i];
        const row *r = find_row(p->key);
        SB_TRY(sb_kafka_property_check(p, err), err);
        SB_TRY(r ? translate_known(&m, r, p, err)
                 : add(&m, p->key, p->value, p->key, SB_KAFKA_FOR_BOTH, err),
               err);
    }
    *out = m.at;
    *out_count = m.count;
    return SB_OK;
}
