/*
 * formats/fixture_testing.h -- what each test of a format begins with: an arena, and a text for
 * what comes out; both end with the test.
 */
#ifndef SB_FORMATS_FIXTURE_TESTING_H
#define SB_FORMATS_FIXTURE_TESTING_H

#include "base/arena.h"
#include "base/text.h"

static sb_arena *arena;
static sb_text out;

static int
set_up(void **state)
{
    (void)state;
    arena = sb_arena_new(sb_mem_root());
    sb_text_init(&out, sb_mem_root());
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    sb_text_deinit(&out);
    arena = sb_arena_free(arena);
    return 0;
}

#endif
