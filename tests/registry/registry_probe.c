/*
 * tests/registry/registry_probe.c -- formats with a schema registry, driven by a script on standard
 * input; writes it back with the results.
 *
 *   @format NAME, @option KEY=VALUE, @columns COLUMNS   the table
 *   > hex:BYTES                                         a message to be read
 *   < +I JSON                                           a row to be written
 *   = RESULT     a row as changelog-json, a message as hex:BYTES, BAD why, ERROR why
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/formats_testing.h"

typedef struct probe {
    sb_arena *arena;
    const sb_format *format;
    const sb_schema *schema;
    sb_test_options options;
    int32_t count_options;
    sb_str messages[256]; /* in a row: they are given to one decoder */
    int32_t count_messages;
} probe;

static sb_str
message_of(sb_arena *arena, const char *hex)
{
    char *bytes = sb_arena_alloc(arena, strlen(hex) + 1);
    size_t size = 0;
    for (; hex[0] && hex[1]; hex += 2) {
        bytes[size++] = (char)(sb_hex_digit(hex[0]) * 16 + sb_hex_digit(hex[1]));
    }
    return (sb_str){bytes, size};
}

static void
print_results(const char *text)
{
    while (*text) {
        const char *lf = strchr(text, '\n');
        const char *from = strncmp(text, "ERROR", 5) == 0 ? text : strchr(text, ' ') + 1;
        if (strncmp(text, "BAD ", 4) == 0) {
            from = strchr(text + 4, ' ') + 1;
            printf("= BAD %.*s\n", (int)(lf - from), from);
        } else {
            printf("= %.*s\n", (int)(lf - from), from);
        }
        text = lf + 1;
    }
}

static void
read_messages(probe *p)
{
    if (p->count_messages > 0) {
        sb_text out;
        sb_text_init(&out, sb_mem_root());
        sb_format_table table = sb_test_table(p->schema, &p->options);
        sb_test_decode_records(p->format, &table, p->messages, p->count_messages, SB_TEST_APART,
                               SB_RECORD_ROWS_MAX, &out);
        print_results(out.data);
        sb_text_deinit(&out);
    }
    p->count_messages = 0;
}

static void
write_row(probe *p, const char *row)
{
    sb_text line, out;
    sb_text_init(&line, sb_mem_root());
    sb_text_init(&out, sb_mem_root());
    sb_text_printf(&line, "{\"op\":\"%.2s\",\"data\":%s}\n", row, row + 3);
    sb_format_table table = sb_test_table(p->schema, &p->options);
    sb_test_encode_records(p->format, &table, line.data, true, &out);
    printf(strncmp(out.data, "ERROR", 5) == 0 ? "= %s" : "= hex:%s", out.data);
    sb_text_deinit(&line);
    sb_text_deinit(&out);
}

static void
take_line(probe *p, const char *line)
{
    if (strncmp(line, "> hex:", 6) != 0) {
        read_messages(p);
    }
    puts(line);
    if (strncmp(line, "@format ", 8) == 0) {
        p->format = sb_format_find(line + 8);
        p->count_options = 0;
        p->options = (sb_test_options){.pairs = {NULL}};
    } else if (strncmp(line, "@columns ", 9) == 0) {
        p->schema = sb_test_schema(p->arena, line + 9);
    } else if (strncmp(line, "@option ", 8) == 0) {
        char *pair = sb_arena_strdup(p->arena, line + 8), *equal = strchr(pair, '=');
        *equal = 0;
        p->options.pairs[p->count_options++] = pair;
        p->options.pairs[p->count_options++] = equal + 1;
        p->options.pairs[p->count_options] = NULL;
    } else if (strncmp(line, "> hex:", 6) == 0) {
        p->messages[p->count_messages++] = message_of(p->arena, line + 6);
    } else if (strncmp(line, "< ", 2) == 0) {
        write_row(p, line + 2);
    }
}

int
main(void)
{
    static char line[1 << 16];
    probe *p = calloc(1, sizeof *p);
    p->arena = sb_arena_new(sb_mem_root());
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        take_line(p, line);
        fflush(stdout);
    }
    read_messages(p);
    p->arena = sb_arena_free(p->arena);
    free(p);
    return 0;
}
