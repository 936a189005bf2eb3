/*
 * formats/http.h -- requests of a schema registry's client over HTTP.
 *
 * DESIGN     One handle per client, so that connections are kept. Every request has a deadline, an
 *            answer a largest size; what a server or the network may get right the next time (5xx,
 *            429, no connection) is tried again, a little later each time.
 * OWNERSHIP  sb_http_free frees the client; answers are texts of the caller.
 * THREADS    One thread at a time per client.
 */
#ifndef SB_FORMATS_HTTP_H
#define SB_FORMATS_HTTP_H

#include "base/text.h"

#define SB_HTTP_ANSWER_MAX (8 << 20)

typedef struct sb_http sb_http;

typedef struct sb_http_options { /* NULL: not set; texts must outlive the client */
    const char *user_info;       /* name:password */
    const char *token;           /* bearer */
    const char *ca;              /* PEM file of trusted certificates */
    const char *key_store;       /* client certificate and key: PEM, or PKCS12 by its name */
    const char *key_password;
    int32_t timeout_ms; /* of a try */
    int32_t tries;
    int32_t pause_ms; /* before the second try; each further one waits twice as long */
} sb_http_options;

sb_status sb_http_new(sb_mem *mem, const sb_http_options *options, sb_http **out, sb_error *err);
sb_http *sb_http_free(sb_http *http); /* returns NULL; NULL is fine */

/* body NULL: GET, else POST of JSON. Any answer of the server is OK: *code and its body say what
 * it was. IO or TIMEOUT, retriable, naming the url: there was none. */
sb_status sb_http_call(sb_http *http, const char *url, const char *body, int32_t *code,
                       sb_text *answer, sb_error *err);

#endif
