/*
 * connectors/kafka/rd_library.c -- see rd_library.h.
 */
#include "connectors/kafka/rd_library.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/os/library.h"
#include "base/os/os.h"

#define SONAME      "librdkafka.so.1"
#define OLDEST      0x02000000 /* 2.0.0 */
#define OLDEST_TEXT "2.0"

enum { NOT_LOADED, LOADING, LOADED };

static _Atomic int state; /* of `table` */
static sb_rd table;

static sb_status
open_library(void **out, sb_error *err)
{
    const char *path = sb_env("SABOT_LIBRDKAFKA");
    if (path && *path) {
        return sb_library_open(path, out, err);
    }
    sb_status status = sb_library_find(SONAME, out, err);
    if (status != SB_OK) {
        sb_error_prefix(err, "connector 'kafka' needs librdkafka, which is not installed");
        sb_error_hint(err, "on Debian: apt install librdkafka1; another place of the library: "
                           "SABOT_LIBRDKAFKA=/path/to/" SONAME);
    }
    return status;
}

static sb_status
fill(sb_rd *rd, void *library, sb_error *err)
{
    const char *missing = NULL;
    void *symbol;
    /* A symbol is a pointer to data for dlsym: copied, not cast. */
#define X(name)                                                \
    symbol = sb_library_symbol(library, "rd_kafka_" #name);    \
    missing = symbol || missing ? missing : "rd_kafka_" #name; \
    memcpy(&rd->name, &symbol, sizeof symbol);
    SB_RD_FUNCTIONS(X)
#undef X
    symbol = sb_library_symbol(library, "rd_kafka_message_leader_epoch");
    memcpy(&rd->message_leader_epoch, &symbol, sizeof symbol);
    if (missing || rd->version() < OLDEST) {
        sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                     "not supported: librdkafka %s (older than " OLDEST_TEXT "%s%s)",
                     rd->version_str ? rd->version_str() : "of an unknown version",
                     missing ? "; it lacks " : "", missing ? missing : "");
        sb_error_hint(err, "another place of the library: SABOT_LIBRDKAFKA=/path/to/" SONAME);
        return SB_STATUS_NOT_SUPPORTED;
    }
    return SB_OK;
}

sb_status
sb_rd_load(const sb_rd **out, sb_error *err)
{
    int expected = NOT_LOADED;
    while (!atomic_compare_exchange_weak(&state, &expected, LOADING)) {
        if (expected == LOADED) {
            *out = &table;
            return SB_OK;
        }
        expected = NOT_LOADED;
        sb_cpu_relax();
    }
    void *library = NULL;
    sb_status status = open_library(&library, err);
    status = status == SB_OK ? fill(&table, library, err) : status;
    atomic_store(&state, status == SB_OK ? LOADED : NOT_LOADED);
    *out = &table;
    return status;
}

const sb_rd *
sb_rd_loaded(void)
{
    return &table;
}
