/*
 * formats/registry.h -- a client of a schema registry (Confluent's REST interface, which Karapace,
 * Apicurio and Redpanda speak too).
 *
 * DESIGN     Reads schemas by id and registers schemas under a subject. It keeps nothing: what is
 *            made of a schema is kept by its users. Errors name the url and the subject or id.
 * OWNERSHIP  sb_registry_free frees it; option texts must outlive it.
 * THREADS    One thread at a time.
 */
#ifndef SB_FORMATS_REGISTRY_H
#define SB_FORMATS_REGISTRY_H

#include "formats/format.h"

typedef struct sb_registry sb_registry;

/* The options of a registry, for sb_format.options of formats that have one. */
#define SB_REGISTRY_OPTIONS                                                                    \
    {"url", "string", NULL, "of the schema registry; several separated by commas"},            \
        {"subject", "string", NULL, "under which a sink registers its schema"},                \
        {"schema", "string", NULL, "schema of the table; else derived from its columns"},      \
        {"basic-auth.credentials-source", "enum:URL|USER_INFO|SASL_INHERIT", NULL,             \
         "where name and password come from"},                                                 \
        {"basic-auth.user-info", "string", NULL, "name:password"},                             \
        {"bearer-auth.credentials-source", "enum:STATIC_TOKEN", NULL,                          \
         "where the token comes from"},                                                        \
        {"bearer-auth.token", "string", NULL, "token"},                                        \
        {"ssl.truststore.location", "string", NULL, "PEM file of trusted certificates"},       \
        {"ssl.truststore.password", "string", NULL, "accepted; PEM files have none"},          \
        {"ssl.keystore.location", "string", NULL,                                              \
         "client certificate with its key: PEM, or PKCS12 (.p12)"},                            \
        {"ssl.keystore.password", "string", NULL, "of it"},                                    \
    {                                                                                          \
        "properties", "string", NULL,                                                          \
            "more settings of the client: http.read.timeout.ms and max.retries are understood" \
    }

/* Reads and checks the options; INVALID names the wrong one. `needs_url`: it must be given. */
sb_status sb_registry_check(const sb_format_table *table, bool needs_url, sb_error *err);
sb_status sb_registry_new(sb_mem *mem, const sb_format_table *table, sb_registry **out,
                          sb_error *err);
sb_registry *sb_registry_free(sb_registry *registry); /* returns NULL; NULL is fine */

/* The schema of an id: its text into `schema`, its type ("AVRO", "JSON", "PROTOBUF") into `type`.
 * NOT_FOUND: there is none. */
sb_status sb_registry_schema(sb_registry *r, int32_t id, sb_text *schema, sb_text *type,
                             sb_error *err);
/* Registers a schema (again: has its id). type: "AVRO" or "JSON". */
sb_status sb_registry_register(sb_registry *r, const char *subject, const char *type,
                               const char *schema, int32_t *id, sb_error *err);

#endif
