/*
 * bench/records_bench.c -- decoding of messages (records that lie apart), per record.
 *
 * Usage: bench_records_bench [records, default 1000000]. Bids of about 200 bytes as JSON, three of
 * seven fields wanted, in frames of 1000 records with a line end behind each, the same in frames
 * with other bytes between, and all seven fields. Times are CPU times of the thread; best of five.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os/os.h"
#include "formats/format.h"

#define FRAME   1000 /* records */
#define COLUMNS 7

static sb_error err;

static const sb_field fields[COLUMNS] = {
    {.name = "auction", .type = {.id = SB_TYPE_BIGINT}},
    {.name = "bidder", .type = {.id = SB_TYPE_BIGINT}},
    {.name = "price", .type = {.id = SB_TYPE_BIGINT}},
    {.name = "channel", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}},
    {.name = "url", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}},
    {.name = "datetime", .type = {.id = SB_TYPE_TIMESTAMP, .nullable = true, .precision = 3}},
    {.name = "extra", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}},
};
static const sb_schema schema = {COLUMNS, fields};

static void
must(bool done)
{
    if (!done) {
        fprintf(stderr, "failed: %s\n", err.message);
        exit(1);
    }
}

static sb_status
refuse(void *ctx, const sb_bad_record *bad, sb_error *error)
{
    (void)ctx;
    SB_FAIL(error, SB_STATUS_DATA, "%s", bad->reason);
}

/* Fills records; returns their bytes without what is between. */
static size_t
make_frame(char *frame, sb_str *records, const char *between)
{
    size_t at = 0, bytes = 0;
    for (int i = 0; i < FRAME; i++) {
        int size = snprintf(
            frame + at, 512,
            "{\"auction\":%d,\"bidder\":%d,\"price\":%d,\"channel\":\"channel-%d\",\"url\":"
            "\"https://www.nexmark.com/item.htm?query=1&channel_id=%d\",\"datetime\":\"2020-01-01 "
            "00:%02d:%02d.%03d\",\"extra\":\"%.*s\"}",
            1000 + i * 7 % 900, 2000 + i * 13 % 7000, 100 + i * 7919 % 1000000, i * 31 % 9999,
            i * 77 % 999999, i / 60 % 60, i % 60, i, i % 24, "abcdefghijklmnopqrstuvwxyz");
        records[i] = (sb_str){frame + at, (size_t)size};
        bytes += (size_t)size;
        at += (size_t)size;
        memcpy(frame + at, between, strlen(between));
        at += strlen(between);
    }
    return bytes;
}

static int64_t
run(sb_decoder *decoder, const sb_schema *columns, const sb_str *records, int64_t count)
{
    static uint8_t ops[4096];
    static int32_t record_of[4096];
    sb_mem *mem = sb_mem_root();
    sb_batch_builder builder;
    must(sb_batch_builder_init(&builder, mem, columns, &err) == SB_OK);
    int64_t begin = sb_thread_cpu_ns();
    for (int64_t done = 0; done < count; done += FRAME) {
        sb_decode_records call = {.records = records,
                                  .count = FRAME,
                                  .limit_rows = 4096,
                                  .columns = builder.columns,
                                  .ops = ops,
                                  .record_of = record_of,
                                  .bad = {refuse, NULL}};
        must(decoder->vtable->decode_records(decoder, &call, &err) == SB_OK);
        must(call.rows == FRAME);
        sb_batch_builder_rows(&builder, call.rows, SB_ROW_INSERT);
        sb_batch *batch;
        must(sb_batch_builder_finish(&builder, &batch, &err) == SB_OK);
        sb_batch_free(batch);
    }
    int64_t ns = sb_thread_cpu_ns() - begin;
    sb_batch_builder_deinit(&builder);
    return ns;
}

static void
measure(const char *name, const int32_t *project, int32_t count, const char *between,
        int64_t records_all)
{
    static char frame[FRAME * 512 + SB_FORMAT_PADDING];
    static sb_str records[FRAME];
    sb_field wanted[COLUMNS];
    for (int32_t i = 0; i < count; i++) {
        wanted[i] = fields[project[i]];
    }
    sb_schema columns = {count, wanted};
    size_t bytes = make_frame(frame, records, between);
    sb_decoder *decoder;
    sb_format_table table = {.columns = &schema};
    must(sb_format_json.decoder(sb_mem_root(), &table, project, count, &decoder, &err) == SB_OK);
    int64_t best = INT64_MAX;
    for (int i = 0; i < 5; i++) {
        int64_t ns = run(decoder, &columns, records, records_all);
        best = ns < best ? ns : best;
    }
    double per_record = (double)best / (double)records_all;
    printf("%-44s %8.1f ns/record  %6.2f GB/s  (%.0f bytes)\n", name, per_record,
           (double)bytes / FRAME / per_record, (double)bytes / FRAME);
    sb_decoder_free(decoder);
}

int
main(int argc, char **argv)
{
    int64_t records = argc > 1 ? atoll(argv[1]) / FRAME * FRAME : 1000000;
    static const int32_t three[] = {0, 2, 5}, texts[] = {0, 2, 4}, all[] = {0, 1, 2, 3, 4, 5, 6};
    measure("json, 3 of 7 fields, line ends between", three, 3, "\n", records);
    measure("json, 3 of 7 fields, lying apart", three, 3, "....", records);
    measure("json, 3 of 7 with a long text, line ends", texts, 3, "\n", records);
    measure("json, 7 of 7 fields, line ends between", all, 7, "\n", records);
    return 0;
}
