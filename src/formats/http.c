/*
 * formats/http.c -- see http.h: libcurl.
 */
#include "formats/http.h"

#include <curl/curl.h>
#include <string.h>

#include "base/os/os.h"

struct sb_http {
    sb_mem *mem;
    CURL *curl;
    struct curl_slist *headers;
    sb_http_options options;
    char why[CURL_ERROR_SIZE];
};

typedef struct reply {
    sb_text *text;
    bool too_long;
} reply;

static size_t
take(char *data, size_t one, size_t count, void *ctx)
{
    reply *r = ctx;
    size_t size = one * count;
    if (r->text->size + size > SB_HTTP_ANSWER_MAX) {
        r->too_long = true;
        return 0;
    }
    sb_text_append(r->text, data, size);
    return r->text->failed ? 0 : size;
}

static bool
is_pkcs12(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (strcmp(dot, ".p12") == 0 || strcmp(dot, ".pfx") == 0);
}

static void
set_up(sb_http *h)
{
    const sb_http_options *o = &h->options;
    curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h->curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h->curl, CURLOPT_TIMEOUT_MS, (long)o->timeout_ms);
    curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, h->headers);
    curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, h->why);
    curl_easy_setopt(h->curl, CURLOPT_USERAGENT, "sabot");
    if (o->user_info) {
        curl_easy_setopt(h->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(h->curl, CURLOPT_USERPWD, o->user_info);
    }
    if (o->token) {
        curl_easy_setopt(h->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        curl_easy_setopt(h->curl, CURLOPT_XOAUTH2_BEARER, o->token);
    }
    if (o->ca) {
        curl_easy_setopt(h->curl, CURLOPT_CAINFO, o->ca);
    }
    if (o->key_store) {
        const char *kind = is_pkcs12(o->key_store) ? "P12" : "PEM";
        curl_easy_setopt(h->curl, CURLOPT_SSLCERTTYPE, kind);
        curl_easy_setopt(h->curl, CURLOPT_SSLCERT, o->key_store);
        if (strcmp(kind, "PEM") == 0) {
            curl_easy_setopt(h->curl, CURLOPT_SSLKEY, o->key_store);
        }
        curl_easy_setopt(h->curl, CURLOPT_KEYPASSWD, o->key_password ? o->key_password : "");
    }
}

sb_status
sb_http_new(sb_mem *mem, const sb_http_options *options, sb_http **out, sb_error *err)
{
    sb_http *h = sb_alloc_zero(mem, sizeof *h);
    if (!h) {
        SB_NOMEM(err);
    }
    h->mem = mem;
    h->options = *options;
    h->curl = curl_easy_init();
    h->headers = curl_slist_append(NULL, "Accept: application/vnd.schemaregistry.v1+json, "
                                         "application/json");
    struct curl_slist *more =
        h->headers ? curl_slist_append(h->headers, "Content-Type: "
                                                   "application/vnd.schemaregistry.v1+json")
                   : NULL;
    if (!h->curl || !more) {
        sb_http_free(h);
        SB_NOMEM(err);
    }
    set_up(h);
    *out = h;
    return SB_OK;
}

sb_http *
sb_http_free(sb_http *http)
{
    if (http) {
        curl_slist_free_all(http->headers);
        curl_easy_cleanup(http->curl);
        sb_free(http->mem, http, sizeof *http);
    }
    return NULL;
}

static sb_status
try_once(sb_http *h, const char *url, const char *body, int32_t *code, sb_text *answer, bool *again,
         sb_error *err)
{
    reply r = {.text = answer};
    long got = 0;
    sb_text_clear(answer);
    h->why[0] = 0;
    curl_easy_setopt(h->curl, CURLOPT_URL, url);
    curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, &r);
    if (body) {
        curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body));
        curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, body);
    } else {
        curl_easy_setopt(h->curl, CURLOPT_HTTPGET, 1L);
    }
    CURLcode rc = curl_easy_perform(h->curl);
    curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &got);
    *code = (int32_t)got;
    if (answer->failed) {
        SB_NOMEM(err);
    }
    *again = rc != CURLE_OK || got >= 500 || got == 429;
    if (rc == CURLE_OK) {
        return SB_OK;
    }
    *again = *again && !r.too_long && rc != CURLE_URL_MALFORMAT &&
             rc != CURLE_UNSUPPORTED_PROTOCOL && rc != CURLE_SSL_CERTPROBLEM &&
             rc != CURLE_PEER_FAILED_VERIFICATION && rc != CURLE_SSL_CACERT_BADFILE;
    if (rc == CURLE_OPERATION_TIMEDOUT) {
        sb_error_set(err, SB_STATUS_TIMEOUT, __FILE__, __LINE__, "%s: no answer within %d ms", url,
                     h->options.timeout_ms);
    } else {
        const char *why = r.too_long  ? "the answer is too long"
                          : h->why[0] ? h->why
                                      : curl_easy_strerror(rc);
        sb_error_set(err, SB_STATUS_IO, __FILE__, __LINE__, "%s: %s", url, why);
    }
    err->retriable = *again;
    return err->status;
}

sb_status
sb_http_call(sb_http *http, const char *url, const char *body, int32_t *code, sb_text *answer,
             sb_error *err)
{
    int64_t pause = http->options.pause_ms;
    for (int32_t n = 1;; n++) {
        bool again = false;
        sb_status status = try_once(http, url, body, code, answer, &again, err);
        if (!again || status == SB_STATUS_NOMEM || n >= http->options.tries) {
            return status;
        }
        sb_thread_sleep_ns(pause * 1000000);
        pause *= 2;
    }
}
