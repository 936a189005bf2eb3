/*
 * fuzz/sniff_fuzz.c -- any bytes as the beginning of a file whose columns are guessed: the guess
 * ends, has columns with names of their own, and its format takes them.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/format.h"
#include "formats/sniff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *
option_of(const void *ctx, const char *key)
{
    const sb_sniff_guess *guess = ctx;
    size_t prefix = strlen(guess->format) + 1;
    for (int32_t i = 0; i < guess->count_options; i++) {
        if (strcmp(guess->options[i].key + prefix, key) == 0) {
            return guess->options[i].value;
        }
    }
    return NULL;
}

static void
check_guess(const sb_sniff_guess *guess)
{
    sb_format_table table = {.columns = &guess->columns,
                             .options = {.get = option_of, .ctx = guess}};
    const sb_format *format = sb_format_find(guess->format);
    sb_format_facts facts;
    for (int32_t i = 0; i < guess->columns.count; i++) {
        for (int32_t k = 0; k < i && guess->columns.count < 100; k++) {
            if (strcmp(guess->columns.fields[i].name, guess->columns.fields[k].name) == 0) {
                abort();
            }
        }
    }
    if (!format || guess->columns.count == 0 ||
        format->check(&table, true, &facts, NULL) != SB_OK) {
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"x.json", "x.csv", "x.tsv", "x.log", "x"};
    sb_arena *arena = sb_arena_new(sb_mem_root());
    char *padded = sb_arena_alloc(arena, size + SB_FORMAT_PADDING);
    if (size > 0) {
        memcpy(padded, data, size);
    }
    for (size_t i = 0; i < 2 * sizeof names / sizeof names[0]; i++) {
        const char *name = names[i / 2];
        sb_sniff_file file = {name, sb_str_of(name), padded, size, i % 2 == 0, false};
        sb_sniff_guess guess;
        if (sb_sniff(arena, sb_mem_root(), &file, 1, &guess, NULL) == SB_OK) {
            check_guess(&guess);
        }
    }
    sb_arena_free(arena);
    return 0;
}
