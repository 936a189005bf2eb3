/*
 * state/descriptor.h -- what a checkpoint's piece says about keyed state: tables, and pages by
 * blob.
 *
 * DESIGN     One block in the piece: magic, version, checkpoint, slots, the heads of the tables,
 *            sb_homes, CRC-32C. The head of a table has its schemas, so that a changed query is
 *            refused with names. The first block of every blob has the heads too.
 * THREADS    T:any
 */
#ifndef SB_STATE_DESCRIPTOR_H
#define SB_STATE_DESCRIPTOR_H

#include "state/homes.h"
#include "state/table_priv.h"

typedef struct sb_table_head {
    uint32_t table_id;
    uint8_t shape;
    bool has_space, has_seq, has_ttl, is_timers;
    uint16_t layout_version;
    uint32_t row_offset, fixed_slot; /* how slots look: pages can be made again only if alike */
    sb_schema *key, *sort, *row;
    bool *descending;
} sb_table_head;

typedef struct sb_table_totals {
    int64_t rows, bytes;
    uint64_t next_seq;
} sb_table_totals;

typedef struct sb_descriptor {
    sb_arena *arena;
    uint64_t checkpoint;
    uint32_t slot_from, slot_to;
    uint32_t count_tables;
    sb_table_head *heads;
    sb_table_totals *totals;
    sb_homes homes; /* tables in the order of heads */
} sb_descriptor;

void sb_table_head_write(sb_writer *w, const sb_table *t);
sb_status sb_table_head_read(sb_reader *r, sb_arena *arena, sb_table_head *out, sb_error *err);
/* Whether rows written under this head are rows of the table: CONFLICT with the names of what
 * differs. */
sb_status sb_table_head_check(const sb_table_head *head, const sb_table *t, sb_error *err);

bool sb_descriptor_write(sb_writer *out, uint64_t checkpoint, uint32_t slot_from, uint32_t slot_to,
                         sb_table *const *tables, const sb_table_totals *totals,
                         uint32_t count_tables, const sb_homes *homes);
sb_status sb_descriptor_read(sb_descriptor *d, sb_mem *mem, sb_reader *r, sb_error *err);
void sb_descriptor_deinit(sb_descriptor *d);

#endif
