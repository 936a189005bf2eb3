/*
 * connectors/kafka/rd_log.c -- the driver over librdkafka: properties, clients, failures, and the
 * table of its calls.
 *
 * DESIGN     Opening a log checks its properties by making a configuration of them; clients, which
 *            have threads and connect, are made when they are needed. Lines that the library logs
 *            go to `note`; the last failed connection is kept, because a call that times out says
 *            nothing of the reason.
 * OWNERSHIP  A log owns its readers and the clients of its groups.
 * THREADS    T:any. Log lines come from threads of the library.
 */
#include "connectors/kafka/rd_log.h"

#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "connectors/kafka/rd_priv.h"

#define CALL_MS        30000 /* longest wait for the cluster, unless default.api.timeout.ms says */
#define UNREACHABLE_MS 10000 /* the same while no connection has worked */
#define SYSLOG_ERROR   3
#define SYSLOG_WARNING 4

/* ---- properties ----------------------------------------------------------------------------- */

const char *
sb_rd_property(const sb_rd_log *log, const char *key, const char *otherwise)
{
    for (int32_t i = log->count - 1; i >= 0; i--) {
        if (strcmp(log->properties[i].key, key) == 0) {
            return log->properties[i].value;
        }
    }
    return otherwise;
}

int64_t
sb_rd_property_i64(const sb_rd_log *log, const char *key, int64_t otherwise)
{
    int64_t value;
    const char *text = sb_rd_property(log, key, NULL);
    return text && sb_parse_int(text, 0, INT64_MAX, &value) ? value : otherwise;
}

/* ---- what the library has to say
 * -------------------------------------------------------------- */

static void
on_log(const rd_kafka_t *rk, int level, const char *facility, const char *line)
{
    sb_rd_client *client = sb_rd_loaded()->opaque(rk);
    sb_rd_log *log = client->log;
    /* What this kind of client does not use; failures told a second time (FAIL was the first). */
    if (strcmp(facility, "CONFWARN") == 0 || strcmp(facility, "ERROR") == 0) {
        return;
    }
    const char *text = strncmp(line, "[thrd:", 6) == 0 ? strstr(line, "]: ") : NULL;
    text = text ? text + 3 : line;
    if (level <= SYSLOG_ERROR) {
        sb_mutex_lock(log->lock);
        snprintf(log->trouble, sizeof log->trouble, "%s", text);
        sb_mutex_unlock(log->lock);
    }
    /* "(after 3ms in state CONNECT, 2 identical errors suppressed)": would make each line
     * another */
    const char *after = strcmp(facility, "FAIL") == 0 ? strstr(text, " (after ") : NULL;
    int size = after ? (int)(after - text) : (int)strlen(text);
    sb_rd_note(log, level <= SYSLOG_WARNING, "%.*s", size, text);
}

void
sb_rd_note(sb_rd_log *log, bool warning, const char *fmt, ...)
{
    char line[512];
    va_list args;
    if (!log->note) {
        return;
    }
    int used = snprintf(line, sizeof line, "kafka %.100s: ", log->brokers);
    va_start(args, fmt);
    vsnprintf(line + used, sizeof line - (size_t)used, fmt, args);
    va_end(args);
    log->note(log->ctx, warning, line);
}

/* ---- clients
 * ---------------------------------------------------------------------------------- */

/* One of the user's. */
static sb_status
set_property(sb_rd_log *log, rd_kafka_conf_t *conf, const sb_kafka_native *p, sb_error *err)
{
    char why[256];
    rd_kafka_conf_res_t result = log->rd->conf_set(conf, p->key, p->value, why, sizeof why);
    if (result == RD_KAFKA_CONF_OK) {
        return SB_OK;
    }
    if (result == RD_KAFKA_CONF_UNKNOWN && p->optional) {
        sb_rd_note(log, false, "property '%s' has no effect: librdkafka %s does not know '%s'",
                   p->written, log->rd->version_str(), p->key);
        return SB_OK;
    }
    sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__, "option 'properties.%s': %s",
                 p->written, why);
    const char *near = result == RD_KAFKA_CONF_UNKNOWN ? sb_kafka_property_near(p->written) : NULL;
    if (near) {
        sb_error_hint(err, "did you mean 'properties.%s'?", near);
    }
    return SB_STATUS_INVALID;
}

static bool
is_forced(const sb_rd_setting *settings, const char *key)
{
    for (const sb_rd_setting *s = settings; s && s->key; s++) {
        if (s->forced && strcmp(s->key, key) == 0) {
            return true;
        }
    }
    return false;
}

static sb_status
set_all(sb_rd_log *log, uint8_t clients, rd_kafka_conf_t *conf, const sb_rd_setting *settings,
        sb_error *err)
{
    char why[256];
    for (const sb_rd_setting *s = settings; s && s->key; s++) {
        if (!s->forced) {
            /* an older library may not know it */
            (void)log->rd->conf_set(conf, s->key, s->value, why, sizeof why);
        }
    }
    for (int32_t i = 0; i < log->count; i++) {
        const sb_kafka_native *p = &log->properties[i];
        if ((p->clients & clients) && !is_forced(settings, p->key)) {
            SB_TRY(set_property(log, conf, p, err), err);
        }
    }
    for (const sb_rd_setting *s = settings; s && s->key; s++) {
        sb_kafka_native own = {.key = s->key, .value = s->value, .written = s->key};
        if (s->forced) {
            SB_TRY(set_property(log, conf, &own, err), err);
        }
    }
    return SB_OK;
}

sb_status
sb_rd_conf(sb_rd_log *log, uint8_t clients, sb_rd_client *client, const sb_rd_setting *settings,
           rd_kafka_conf_t **out, sb_error *err)
{
    static const sb_rd_setting common[] = {
        {"client.id", "sabot", false},
        {"log.connection.close", "false", false}, /* brokers close idle connections */
        {NULL, NULL, false},
    };
    char why[256];
    rd_kafka_conf_t *conf = log->rd->conf_new();
    for (const sb_rd_setting *s = common; s->key; s++) {
        (void)log->rd->conf_set(conf, s->key, s->value, why, sizeof why);
    }
    log->rd->conf_set_opaque(conf, client);
    log->rd->conf_set_log_cb(conf, on_log);
    sb_status status = set_all(log, clients, conf, settings, err);
    if (status != SB_OK) {
        log->rd->conf_destroy(conf);
        return status;
    }
    *out = conf;
    return SB_OK;
}

sb_status
sb_rd_client_new(sb_rd_log *log, rd_kafka_type_t type, rd_kafka_conf_t *conf, rd_kafka_t **out,
                 sb_error *err)
{
    char why[512];
    *out = log->rd->new (type, conf, why, sizeof why);
    if (!*out) {
        log->rd->conf_destroy(conf);
        SB_FAIL(err, SB_STATUS_INVALID, "kafka client for %s: %s", log->brokers, why);
    }
    return SB_OK;
}

/* ---- failures
 * --------------------------------------------------------------------------------- */

bool
sb_rd_is_fenced(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
           code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH ||
           code == RD_KAFKA_RESP_ERR_INVALID_TXN_STATE ||
           code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING;
}

static bool
is_refused(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
           code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
           code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED ||
           code == RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED ||
           code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED ||
           code == RD_KAFKA_RESP_ERR__AUTHENTICATION;
}

static bool
is_missing(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

static bool
is_silence(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TRANSPORT ||
           code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
           code == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE || code == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT ||
           code == RD_KAFKA_RESP_ERR__RESOLVE || code == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT ||
           code == RD_KAFKA_RESP_ERR__WAIT_COORD;
}

bool
sb_rd_is_passing(rd_kafka_resp_err_t code)
{
    return is_silence(code) || code == RD_KAFKA_RESP_ERR__WAIT_CACHE ||
           code == RD_KAFKA_RESP_ERR__IN_PROGRESS ||
           code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
           code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
           code == RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE ||
           code == RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE ||
           code == RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION ||
           code == RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE ||
           code == RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH ||
           code == RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH ||
           code == RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR ||
           code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
           code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
           code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
           code == RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS ||
           code == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT;
}

/* Before 2.6.1 the library put its nonce into the last message twice; brokers from 4.0 on refuse
 * that. */
#define SCRAM_FIXED 0x020601ff

static void
add_hint(const sb_rd_log *log, rd_kafka_resp_err_t code, sb_error *err)
{
    if (is_silence(code) && strstr(log->trouble, "uthentication")) {
        if (strstr(log->trouble, "SCRAM") && log->rd->version() < SCRAM_FIXED) {
            sb_error_hint(
                err,
                "check the user and password; and librdkafka %s speaks SCRAM in a way that "
                "newer brokers refuse: take 2.6.1 or newer (SABOT_LIBRDKAFKA=/path/to/"
                "librdkafka.so.1), or PLAIN over TLS",
                log->rd->version_str());
        } else {
            sb_error_hint(err, "check the user and password ('properties.sasl.*')");
        }
    } else if (is_silence(code)) {
        sb_error_hint(err,
                      "check 'properties.bootstrap.servers', that the brokers run, and that the "
                      "addresses they advertise (advertised.listeners) can be reached from "
                      "here");
    } else if (is_refused(code)) {
        sb_error_hint(err, "check the user and password ('properties.sasl.*') and the ACLs of "
                           "that user");
    } else if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
        sb_error_hint(err, "set 'properties.max.request.size', and what the topic takes "
                           "(max.message.bytes), to more");
    } else if (sb_rd_is_fenced(code)) {
        sb_error_hint(err, "another producer has taken its transactional id, or its transaction "
                           "was open for longer than 'properties.transaction.timeout.ms'");
    }
}

sb_status
sb_rd_fail(sb_rd_log *log, rd_kafka_resp_err_t code, const char *why, const char *doing,
           sb_error *err)
{
    sb_status status = sb_rd_is_fenced(code)                    ? SB_STATUS_CONFLICT
                       : is_missing(code)                       ? SB_STATUS_NOT_FOUND
                       : code == RD_KAFKA_RESP_ERR__INVALID_ARG ? SB_STATUS_INVALID
                       : code == RD_KAFKA_RESP_ERR__BAD_MSG     ? SB_STATUS_CORRUPT
                       : code == RD_KAFKA_RESP_ERR_INVALID_MSG  ? SB_STATUS_CORRUPT
                                                                : SB_STATUS_IO;
    why = why && *why ? why : log->rd->err2str(code);
    sb_mutex_lock(log->lock);
    if (is_silence(code) && log->trouble[0]) {
        sb_error_set(err, status, __FILE__, __LINE__,
                     "kafka: cannot reach any of %s for %s: %s (%.200s)", log->brokers, doing, why,
                     log->trouble);
    } else {
        sb_error_set(err, status, __FILE__, __LINE__, "kafka %s: %s: %s", log->brokers, doing, why);
    }
    add_hint(log, code, err);
    sb_mutex_unlock(log->lock);
    if (err) {
        err->retriable = status == SB_STATUS_IO && !is_refused(code);
    }
    return status;
}

sb_status
sb_rd_fail_error(sb_rd_log *log, rd_kafka_error_t *error, const char *doing, sb_error *err)
{
    sb_status status =
        sb_rd_fail(log, log->rd->error_code(error), log->rd->error_string(error), doing, err);
    log->rd->error_destroy(error);
    return status;
}

/* ---- deadlines
 * -------------------------------------------------------------------------------- */

int64_t
sb_rd_deadline(const sb_rd_log *log, int64_t ms)
{
    return log->os->monotonic_ns(log->os) + ms * 1000000;
}

int32_t
sb_rd_left(sb_rd_log *log, int64_t deadline_ns, int32_t at_most_ms)
{
    int64_t left = (deadline_ns - log->os->monotonic_ns(log->os)) / 1000000;
    if (log->call_ms - left > UNREACHABLE_MS && !atomic_load(&log->reached)) {
        sb_mutex_lock(log->lock);
        left = log->trouble[0] ? 0 : left;
        sb_mutex_unlock(log->lock);
    }
    return left <= 0 ? 0 : left < at_most_ms ? (int32_t)left : at_most_ms;
}

rd_kafka_topic_partition_list_t *
sb_rd_places(const sb_rd *rd, const sb_log_place *places, int32_t count, sb_error *err)
{
    rd_kafka_topic_partition_list_t *list = rd->topic_partition_list_new(count);
    for (int32_t i = 0; list && i < count; i++) {
        rd_kafka_topic_partition_t *one =
            rd->topic_partition_list_add(list, places[i].topic, places[i].partition);
        one->offset = places[i].offset;
    }
    if (!list) {
        sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    return list;
}

/* ---- open, close
 * ------------------------------------------------------------------------------ */

static void
rd_close(sb_log *base)
{
    sb_rd_log *log = sb_rd_log_of(base);
    sb_mem *mem = log->mem;
    if (log->lock) {
        sb_rd_groups_close(log);
    }
    for (int i = 0; i < 2; i++) {
        if (log->reader[i]) {
            log->rd->destroy(log->reader[i]);
        }
    }
    if (log->lock) {
        sb_mutex_free(log->lock);
    }
    log->arena = sb_arena_free(log->arena);
    sb_free(mem, log, sizeof *log);
}

static sb_status
copy_properties(sb_rd_log *log, const sb_log_config *config, sb_error *err)
{
    log->call_ms = CALL_MS;
    for (int32_t i = 0; i < config->count; i++) {
        if (strcmp(config->properties[i].key, "default.api.timeout.ms") == 0 &&
            !sb_parse_int(config->properties[i].value, 1, INT32_MAX, &log->call_ms)) {
            SB_FAIL(err, SB_STATUS_INVALID,
                    "option 'properties.default.api.timeout.ms' = '%s': expected milliseconds",
                    config->properties[i].value);
        }
    }
    log->arena = sb_arena_new(config->mem);
    if (!log->arena) {
        SB_NOMEM(err);
    }
    SB_TRY(sb_kafka_properties_translate(config, log->arena, &log->properties, &log->count, err),
           err);
    log->brokers = sb_rd_property(log, "bootstrap.servers", "(no bootstrap.servers)");
    return SB_OK;
}

static sb_status
open_log(sb_rd_log *log, const sb_log_config *config, sb_error *err)
{
    static const sb_rd_setting nothing[] = {{NULL, NULL, false}};
    rd_kafka_conf_t *conf;
    SB_TRY(copy_properties(log, config, err), err);
    SB_TRY(sb_rd_load(&log->rd, err), err);
    log->lock = sb_mutex_new();
    if (!log->lock) {
        SB_NOMEM(err);
    }
    SB_TRY(sb_rd_conf(log, SB_KAFKA_FOR_BOTH, &log->client, nothing, &conf, err), err);
    log->rd->conf_destroy(conf);
    return SB_OK;
}

static sb_status
rd_open(const sb_log_config *config, sb_log **out, sb_error *err)
{
    sb_rd_log *log = sb_alloc_zero(config->mem, sizeof *log);
    if (!log) {
        SB_NOMEM(err);
    }
    log->base.driver = &sb_log_driver_rdkafka;
    log->client.log = log;
    log->mem = config->mem;
    log->os = config->os;
    log->note = config->note;
    log->ctx = config->ctx;
    sb_status status = open_log(log, config, err);
    if (status != SB_OK) {
        rd_close(&log->base);
        return status;
    }
    *out = &log->base;
    return SB_OK;
}

const sb_log_driver sb_log_driver_rdkafka = {
    .name = "kafka",
    .open = rd_open,
    .close = rd_close,
    .topics = sb_rd_topics,
    .bounds = sb_rd_bounds,
    .committed = sb_rd_committed,
    .commit_offsets = sb_rd_commit_offsets,
    .commit_offsets_later = sb_rd_commit_offsets_later,
    .consumer_open = sb_rd_consumer_open,
    .consumer_close = sb_rd_consumer_close,
    .consume = sb_rd_consume,
    .unconsume = sb_rd_unconsume,
    .poll = sb_rd_poll,
    .release = sb_rd_release,
    .header = sb_rd_header,
    .producer_open = sb_rd_producer_open,
    .producer_close = sb_rd_producer_close,
    .append = sb_rd_append,
    .delivered = sb_rd_delivered,
    .flush = sb_rd_flush,
    .fence = sb_rd_fence,
    .begin = sb_rd_begin,
    .send_offsets = sb_rd_send_offsets,
    .commit = sb_rd_commit,
    .abort = sb_rd_abort,
};
