/*
 * fuzz/json_records_fuzz.c -- any bytes as messages of the format 'json': see format_run.h for what
 * must hold.
 */
#include "format_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    format_run_records(&sb_format_json, format_run_schema(false), NULL, data, size);
    return 0;
}
