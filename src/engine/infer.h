/*
 * engine/infer.h -- a table that was guessed, among the files that guess.
 *
 * OWNERSHIP  All in the caller's arena.
 * THREADS    the engine's thread.
 */
#ifndef SB_ENGINE_INFER_H
#define SB_ENGINE_INFER_H

#include "engine/engine_priv.h"
#include "formats/format.h"
#include "formats/sniff.h"

#define SB_INFER_KAFKA      "kafka://"
#define SB_INFER_PROPERTIES 32 /* of the clients, at most */
#define SB_INFER_HEAD       (24 + SB_INFER_PROPERTIES)

typedef struct sb_infer_table {
    const char *name; /* to make the name of the table from, as it is; NULL: from the path */
    sb_sniff_option head[SB_INFER_HEAD]; /* options in front of those of the guess */
    int32_t count_head;
    sb_sniff_guess guess;
} sb_infer_table;

/* infer_topic.c: zeroed before. NOT_FOUND: no such topic, or nothing in it. T:io */
sb_status sb_infer_topic(sabot_engine *engine, sb_arena *arena, const char *url,
                         sb_infer_properties properties, sb_infer_table *out, sb_error *err);

#endif
