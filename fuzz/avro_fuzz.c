/*
 * fuzz/avro_fuzz.c -- any bytes as messages of the format 'avro': see format_run.h for what must
 * hold.
 */
#include "format_run.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *
option(const void *ctx, const char *key)
{
    (void)ctx;
    return strcmp(key, "timestamp_mapping.legacy") == 0 ? "false" : NULL;
}

/* The columns of the other formats but one with nanoseconds, which Avro has no form for. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static sb_field fields[32];
    sb_schema schema = {.fields = fields};
    const sb_schema *all = format_run_schema(false);
    for (int32_t i = 0; i < all->count; i++) {
        if (all->fields[i].type.id != SB_TYPE_TIMESTAMP || all->fields[i].type.precision <= 6) {
            fields[schema.count++] = all->fields[i];
        }
    }
    format_run_records(&sb_format_avro, &schema, option, data, size);
    return 0;
}
