/*
 * fuzz/cdc_fuzz.c -- any bytes as messages of the formats with changes; the first byte tells which.
 * See format_run.h for what must hold.
 */
#include "format_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const sb_format *const formats[] = {&sb_format_debezium_json, &sb_format_canal_json,
                                               &sb_format_maxwell_json, &sb_format_ogg_json};
    if (size > 0) {
        format_run_records(formats[data[0] % 4], format_run_schema(false), NULL, data + 1,
                           size - 1);
    }
    return 0;
}
