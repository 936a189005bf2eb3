/*
 * connectors/kafka/kafka_jaas.c -- reading of sasl.jaas.config.
 */
#include "connectors/kafka/kafka_jaas.h"

#include <string.h>

#include "base/text.h"

typedef struct reader {
    const char *p;
    const char *start;
    sb_arena *arena;
} reader;

static sb_status
bad_text(const reader *r, const char *why, sb_error *err)
{
    sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                 "option 'properties.sasl.jaas.config': %s at character %lld", why,
                 (long long)(r->p - r->start) + 1);
    sb_error_hint(err, "org.apache.kafka.common.security.plain.PlainLoginModule required "
                       "username=\"...\" password=\"...\";");
    return SB_STATUS_INVALID;
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
skip_space(reader *r)
{
    while (is_space(*r->p)) {
        r->p++;
    }
}

/* A bare word, or a quoted one with backslashes in it; NULL: neither is there, or no memory. */
static char *
read_word(reader *r)
{
    char quote = *r->p == '"' || *r->p == '\'' ? *r->p : 0;
    char *word = sb_arena_alloc(r->arena, strlen(r->p) + 1), *to = word;
    if (!word) {
        return NULL;
    }
    if (!quote) {
        while (*r->p && !is_space(*r->p) && *r->p != '=' && *r->p != ';' && *r->p != '"') {
            *to++ = *r->p++;
        }
        return to == word ? NULL : word;
    }
    for (r->p++; *r->p && *r->p != quote; r->p++) {
        if (*r->p == '\\' && r->p[1]) {
            r->p++;
            *to++ = *r->p == 'n' ? '\n' : *r->p == 't' ? '\t' : *r->p == 'r' ? '\r' : *r->p;
        } else {
            *to++ = *r->p;
        }
    }
    if (*r->p != quote) {
        return NULL;
    }
    r->p++;
    return word;
}

/* Which option of which module is which property; property NULL: it has no meaning here. */
typedef struct jaas_option {
    const char *module, *option, *property;
} jaas_option;

static const jaas_option options[] = {
    {"PlainLoginModule", "username", "sasl.username"},
    {"PlainLoginModule", "password", "sasl.password"},
    {"ScramLoginModule", "username", "sasl.username"},
    {"ScramLoginModule", "password", "sasl.password"},
    {"ScramLoginModule", "tokenauth", NULL},
    {"OAuthBearerLoginModule", "clientId", "sasl.oauthbearer.client.id"},
    {"OAuthBearerLoginModule", "clientSecret", "sasl.oauthbearer.client.secret"},
    {"OAuthBearerLoginModule", "scope", "sasl.oauthbearer.scope"},
    {"Krb5LoginModule", "keyTab", "sasl.kerberos.keytab"},
    {"Krb5LoginModule", "principal", "sasl.kerberos.principal"},
    {"Krb5LoginModule", "serviceName", "sasl.kerberos.service.name"},
    {"Krb5LoginModule", "useKeyTab", NULL},
    {"Krb5LoginModule", "storeKey", NULL},
    {"Krb5LoginModule", "useTicketCache", NULL},
    {"Krb5LoginModule", "renewTicket", NULL},
    {"Krb5LoginModule", "refreshKrb5Config", NULL},
    {"Krb5LoginModule", "debug", NULL},
};
#define COUNT_OPTIONS (sizeof options / sizeof options[0])

static sb_status
unknown_module(const char *module, sb_error *err)
{
    sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                 "not supported: the login module '%s' of 'properties.sasl.jaas.config'", module);
    sb_error_hint(err, "known: PlainLoginModule, ScramLoginModule, OAuthBearerLoginModule, "
                       "Krb5LoginModule");
    return SB_STATUS_NOT_SUPPORTED;
}

static sb_status
unknown_option(const char *module, const char *option, sb_error *err)
{
    SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
            "not supported: the option '%s' of the login module '%s' in "
            "'properties.sasl.jaas.config'",
            option, module);
}

static const char *
known_module(const char *word)
{
    const char *last = strrchr(word, '.');
    const char *name = last ? last + 1 : word;
    for (size_t i = 0; i < COUNT_OPTIONS; i++) {
        if (strcmp(options[i].module, name) == 0) {
            return options[i].module;
        }
    }
    return NULL;
}

static sb_status
take_option(const char *module, const char *name, const char *value, sb_kafka_jaas *out,
            sb_error *err)
{
    for (size_t i = 0; i < COUNT_OPTIONS; i++) {
        if (strcmp(options[i].module, module) != 0 || strcmp(options[i].option, name) != 0) {
            continue;
        }
        if (options[i].property && out->count < SB_KAFKA_JAAS_MAX) {
            out->keys[out->count] = options[i].property;
            out->values[out->count++] = value;
        }
        return SB_OK;
    }
    return unknown_option(module, name, err);
}

static sb_status
read_options(reader *r, const char *module, sb_kafka_jaas *out, sb_error *err)
{
    for (;;) {
        skip_space(r);
        if (*r->p == ';' || !*r->p) {
            return SB_OK;
        }
        const char *name = read_word(r);
        if (!name) {
            return bad_text(r, "expected the name of an option", err);
        }
        skip_space(r);
        if (*r->p != '=') {
            return bad_text(r, "expected '='", err);
        }
        r->p++;
        skip_space(r);
        const char *value = read_word(r);
        if (!value) {
            return bad_text(r, "expected a value", err);
        }
        SB_TRY(take_option(module, name, value, out, err), err);
    }
}

sb_status
sb_kafka_jaas_read(const char *text, sb_arena *arena, sb_kafka_jaas *out, sb_error *err)
{
    reader r = {text, text, arena};
    *out = (sb_kafka_jaas){.count = 0};
    skip_space(&r);
    const char *word = read_word(&r);
    if (!word) {
        return bad_text(&r, "expected the name of a login module", err);
    }
    const char *module = known_module(word);
    if (!module) {
        return unknown_module(word, err);
    }
    skip_space(&r);
    const char *flag = read_word(&r);
    if (!flag || (strcmp(flag, "required") != 0 && strcmp(flag, "requisite") != 0 &&
                  strcmp(flag, "sufficient") != 0 && strcmp(flag, "optional") != 0)) {
        return bad_text(&r, "expected 'required'", err);
    }
    SB_TRY(read_options(&r, module, out, err), err);
    if (*r.p != ';') {
        return bad_text(&r, "expected ';'", err);
    }
    r.p++;
    skip_space(&r);
    if (*r.p) {
        return bad_text(&r, "expected only one login module", err);
    }
    if (strcmp(module, "OAuthBearerLoginModule") == 0 && out->count > 0) {
        out->keys[out->count] = "sasl.oauthbearer.method";
        out->values[out->count++] = "oidc";
    }
    return SB_OK;
}
