/*
 * connectors/nexmark/events.h -- runs of Nexmark events written into columns.
 *
 * DESIGN     Event n is a pure function of seed and n. Fields whose pointer is NULL are not made. A
 *            frame is one buffer with the values of all columns of a batch: row r of every column
 *            is event r of the batch; only the columns of the row's own kind are written. Values
 *            under NULL are what was there before: zero, or views of an earlier use of the same
 *            frame, whose bytes live in the frame or the pools; so they are safe to read.
 */
#ifndef SB_CONNECTORS_NEXMARK_EVENTS_H
#define SB_CONNECTORS_NEXMARK_EVENTS_H

#include "connectors/nexmark/pools.h"

#define SB_NEXMARK_BASE_US INT64_C(1704067200000000) /* 2024-01-01T00:00:00Z */

typedef struct sb_nexmark_law { /* parameters of the stream */
    const sb_nexmark_pools *pools;
    int64_t rate; /* events per second of event time */
    int64_t tick; /* microseconds: 1000 or 1 */
} sb_nexmark_law;

typedef struct sb_nexmark_frame { /* where the values of row 0 are; NULL struct columns are not
                                     wanted */
    int32_t *type;

    struct {
        int64_t *id, *time;
        sb_view *name, *email, *card, *city, *state, *extra;
    } person;

    struct {
        int64_t *id, *initial, *reserve, *time, *expires, *seller, *category;
        sb_view *name, *description, *extra;
    } auction;

    struct {
        int64_t *auction, *bidder, *price, *time;
        sb_view *channel, *url, *extra;
    } bid;

    bool person_strings, auction_strings, bid_strings;  /* is any of them wanted? */
    bool bid_draws;                                     /* anything of a bid but its time */
    uint64_t *person_valid, *auction_valid, *bid_valid; /* zeroed by the caller */
    char *heap;                                         /* e-mails and cards */
    int32_t heap_used;
} sb_nexmark_frame;

#define SB_NEXMARK_HEAP_ROW 48 /* bytes of heap a person needs at most */

/* Events [first, first + count) as rows [row, row + count). */
void sb_nexmark_events(const sb_nexmark_law *law, sb_nexmark_frame *frame, int32_t row,
                       int64_t first, int32_t count);

#endif
