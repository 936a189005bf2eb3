/*
 * fuzz/changelog_json_fuzz.c -- any bytes as input of the format 'changelog-json': see format_run.h
 * for what must hold.
 */
#include "format_run.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *
ignoring(const void *ctx, const char *key)
{
    (void)ctx;
    return strcmp(key, "ignore-parse-errors") == 0 ? "true" : NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sb_schema *schema = format_run_schema(false);
    format_run_check(&sb_format_changelog_json, schema, NULL, data, size);
    format_run_check(&sb_format_changelog_json, schema, ignoring, data, size);
    return 0;
}
