/*
 * connectors/nexmark/events.c -- runs of Nexmark events written into columns.
 *
 * DESIGN     Bids are 46 of 50 events: they have a loop of their own without branches on data; ids
 *            that a group of 50 events may refer to are computed once per group; times advance by
 *            addition.
 */
#include "connectors/nexmark/events.h"

#include <string.h>

#define ALWAYS  static inline __attribute__((always_inline))
#define GROUP   50
#define MILLION 1000000

ALWAYS int64_t
price_of(const sb_nexmark_pools *p, uint32_t u)
{
    int64_t lo = p->prices[u >> 24], hi = p->prices[(u >> 24) + 1];
    return (lo + (((hi - lo) * (int64_t)(u & 0xFFFFFF)) >> 24) + 128) >> 8;
}

ALWAYS int64_t
time_of(const sb_nexmark_law *law, int64_t n)
{
    int64_t us = n * MILLION / law->rate;
    return SB_NEXMARK_BASE_US + us - us % law->tick;
}

/* Part of the text pool without leading and trailing spaces. */
ALWAYS sb_view
text_view(const sb_nexmark_pools *p, uint32_t off, uint32_t size)
{
    while (size && p->text[off] == ' ') {
        off++;
        size--;
    }
    while (size && p->text[off + size - 1] == ' ') {
        size--;
    }
    return sb_view_make(p->text + off, size);
}

ALWAYS sb_view
extra_view(const sb_nexmark_pools *p, uint32_t used, uint32_t target, uint64_t w)
{
    if (used > target) {
        return (sb_view){.words = {0, 0}};
    }
    uint32_t d = target - used, delta = (2 * d + 5) / 10;
    uint32_t size = d - delta + sb_nexmark_pick16(w, 2 * delta);
    return sb_view_make(p->extra + (w >> 32 & 0xFFFFF), size);
}

static char *
put_email(const sb_nexmark_pools *p, char *to, uint64_t w)
{
    sb_view user = text_view(p, (uint32_t)(w >> 16 & 0xFFFF), 3 + sb_nexmark_pick16(w, 4));
    sb_view host = text_view(p, (uint32_t)(w >> 48), 3 + sb_nexmark_pick16(w >> 32, 2));
    memcpy(to, user.small.data, 8);
    to += user.small.size;
    *to++ = '@';
    memcpy(to, host.small.data, 8);
    to += host.small.size;
    memcpy(to, ".com", 4);
    return to + 4;
}

static char *
put_card(char *to, uint64_t w)
{
    for (int k = 0; k < 4; k++) {
        uint32_t v = sb_nexmark_pick16(w >> (16 * k), 10000);
        if (k) {
            *to++ = ' ';
        }
        to[0] = (char)('0' + v / 1000);
        to[1] = (char)('0' + v / 100 % 10);
        to[2] = (char)('0' + v / 10 % 10);
        to[3] = (char)('0' + v % 10);
        to += 4;
    }
    return to;
}

static void
make_person(const sb_nexmark_law *law, sb_nexmark_frame *f, int32_t row, int64_t n)
{
    const sb_nexmark_pools *p = law->pools;
    uint64_t z = 16 * (uint64_t)n, s = p->seed_event;
    uint64_t w0 = sb_nexmark_draw(s, z), w1 = sb_nexmark_draw(s, z + 1),
             w2 = sb_nexmark_draw(s, z + 2);
    sb_view name = p->person_names[sb_nexmark_pick16(w0, 11) * 9 + sb_nexmark_pick16(w0 >> 16, 9)];
    sb_view city = p->cities[sb_nexmark_pick16(w0 >> 32, 10)],
            state = p->states[sb_nexmark_pick16(w0 >> 48, 6)];
    char *email = f->heap + f->heap_used, *card = put_email(p, email, w1),
         *end = put_card(card, w2);
    f->person.id[row] = n / GROUP + 1000;
    f->person.time[row] = time_of(law, n);
    f->person.name[row] = name;
    f->person.city[row] = city;
    f->person.state[row] = state;
    f->person.email[row] = sb_view_make(email, (uint32_t)(card - email));
    f->person.card[row] = sb_view_make(card, (uint32_t)(end - card));
    f->heap_used += (int32_t)(end - email);
    uint32_t used =
        8 + name.small.size + (uint32_t)(end - email) + city.small.size + state.small.size;
    f->person.extra[row] = extra_view(p, used, 200, sb_nexmark_draw(s, z + 3));
}

static void
make_auction(const sb_nexmark_law *law, sb_nexmark_frame *f, int32_t row, int64_t n)
{
    const sb_nexmark_pools *p = law->pools;
    int64_t e = n / GROUP, active = e + 1 < 1000 ? e + 1 : 1000, oldest = e + 1 - active;
    uint64_t z = 16 * (uint64_t)n, s = p->seed_event;
    uint64_t w0 = sb_nexmark_draw(s, z), w1 = sb_nexmark_draw(s, z + 1),
             w2 = sb_nexmark_draw(s, z + 2);
    uint64_t w4 = sb_nexmark_draw(s, z + 4);
    int64_t time = time_of(law, n);
    int64_t cold = oldest + (int64_t)(((w0 >> 8 & 0xFFFFFF) * (uint64_t)(active + 10)) >> 24);
    f->auction.id[row] = 1000 + 3 * e + (n % GROUP - 1);
    f->auction.time[row] = time;
    f->auction.seller[row] = 1000 + ((w0 & 3) != 0 ? e / 100 * 100 : cold);
    f->auction.category[row] = 10 + sb_nexmark_pick16(w0 >> 32, 5);
    f->auction.initial[row] = price_of(p, (uint32_t)(w1 >> 32));
    f->auction.reserve[row] = f->auction.initial[row] + price_of(p, (uint32_t)w1);
    sb_view name = text_view(p, (uint32_t)(w2 >> 16 & 0xFFFF), 3 + sb_nexmark_pick16(w2, 17));
    sb_view description = text_view(p, (uint32_t)(w2 >> 48), 3 + sb_nexmark_pick16(w2 >> 32, 97));
    f->auction.name[row] = name;
    f->auction.description[row] = description;
    f->auction.extra[row] = extra_view(p, 48 + name.small.size + description.small.size, 500,
                                       sb_nexmark_draw(s, z + 3));
    int64_t horizon = (time_of(law, n + 1666) - time) / law->tick;
    uint64_t range = horizon > 0 ? 2 * (uint64_t)horizon : 1;
    f->auction.expires[row] = time + law->tick * (1 + (int64_t)(((w4 >> 32) * range) >> 32));
}

/* Ids a bid may refer to: constant within a group of 50 events. */
typedef struct bid_ids {
    int64_t cold_auction, hot_auction, cold_bidder, hot_bidder;
    uint64_t auctions, bidders; /* sizes of the cold ranges */
} bid_ids;

ALWAYS bid_ids
ids_of(int64_t e)
{
    int64_t active = e + 1 < 1000 ? e + 1 : 1000, oldest = e + 1 - active;
    int64_t last = 3 * e + 2, low = last > 100 ? last - 100 : 0;
    return (bid_ids){
        .cold_auction = 1000 + low,
        .hot_auction = 1000 + last / 100 * 100,
        .cold_bidder = 2000 + oldest,
        .hot_bidder = 2000 + e / 100 * 100 + 1,
        .auctions = (uint64_t)(last - low) + 11,
        .bidders = (uint64_t)active + 10,
    };
}

/* count bids of one group. */
ALWAYS void
make_bids(const sb_nexmark_law *law, const sb_nexmark_frame *f, int32_t row, int64_t n,
          int32_t count)
{
    const sb_nexmark_pools *p = law->pools;
    const bid_ids ids = ids_of(n / GROUP);
    int64_t *restrict auction = f->bid.auction + row, *restrict bidder = f->bid.bidder + row,
                      *restrict price = f->bid.price + row;
    sb_view *restrict channel = f->bid.channel + row, *restrict url = f->bid.url + row,
                      *restrict extra = f->bid.extra + row;
    uint64_t z = p->seed_event + (16 * (uint64_t)n + 1) * SB_HASH_GAMMA;
    for (int32_t i = 0; i < count; i++, z += 16 * SB_HASH_GAMMA) {
        uint64_t w0 = sb_hash_mix(z), w1 = sb_hash_mix(z + SB_HASH_GAMMA);
        int64_t cold_auction =
            ids.cold_auction + (int64_t)(((w0 >> 6 & 0x3FFFF) * ids.auctions) >> 18);
        int64_t cold_bidder =
            ids.cold_bidder + (int64_t)(((w0 >> 24 & 0xFFFFF) * ids.bidders) >> 20);
        /* masks */
        int64_t hot_auction = -(int64_t)(w0 & 1), hot_bidder = -(int64_t)((w0 & 6) != 0);
        auction[i] = cold_auction ^ ((cold_auction ^ ids.hot_auction) & hot_auction);
        bidder[i] = cold_bidder ^ ((cold_bidder ^ ids.hot_bidder) & hot_bidder);
        price[i] = price_of(p, (uint32_t)(w1 >> 32));
        uint32_t c = 4 + (uint32_t)(((w0 >> 44) * 10000) >> 20);
        c ^= (c ^ (uint32_t)(w0 >> 4 & 3)) & -(uint32_t)(w0 >> 3 & 1);
        channel[i] = p->channels[c].name;
        url[i] = p->channels[c].url;
        const char *bytes = p->extra + (w1 >> 12 & 0xFFFFF);
        uint32_t prefix;
        memcpy(&prefix, bytes, sizeof prefix);
        uint64_t size = 54 + (((w1 & 0xFFF) * 28) >> 12); /* never inline */
        extra[i] = (sb_view){.words = {size | (uint64_t)prefix << 32, (uint64_t)(uintptr_t)bytes}};
    }
    int64_t *restrict time = f->bid.time + row;
    const int64_t step = MILLION / law->rate, part = MILLION % law->rate, tick = law->tick;
    int64_t us = n * MILLION / law->rate, rest = n * MILLION % law->rate;
    for (int32_t i = 0; i < count; i++) {
        time[i] = SB_NEXMARK_BASE_US + (tick == 1000 ? us - us % 1000 : us);
        us += step;
        rest += part;
        if (rest >= law->rate) {
            rest -= law->rate;
            us++;
        }
    }
}

/* Sets bits [from, from + count). */
static void
set_bits(uint64_t *bits, int32_t from, int32_t count)
{
    while (count > 0) {
        int32_t at = from & 63, room = 64 - at < count ? 64 - at : count;
        uint64_t mask = room == 64 ? UINT64_MAX : ((UINT64_C(1) << room) - 1) << at;
        bits[from >> 6] |= mask;
        from += room;
        count -= room;
    }
}

void
sb_nexmark_events(const sb_nexmark_law *law, sb_nexmark_frame *f, int32_t row, int64_t first,
                  int32_t count)
{
    int64_t n = first, end = first + count;
    for (; n < end;) {
        int32_t o = (int32_t)(n % GROUP);
        int64_t left = end - n;
        if (o == 0) {
            if (f->type) {
                f->type[row] = 0;
            }
            if (f->person_valid) {
                set_bits(f->person_valid, row, 1);
                make_person(law, f, row, n);
            }
            row++;
            n++;
        } else if (o < 4) {
            if (f->type) {
                f->type[row] = 1;
            }
            if (f->auction_valid) {
                set_bits(f->auction_valid, row, 1);
                make_auction(law, f, row, n);
            }
            row++;
            n++;
        } else {
            int32_t bids = GROUP - o < left ? GROUP - o : (int32_t)left;
            for (int32_t i = 0; i < bids && f->type; i++) {
                f->type[row + i] = 2;
            }
            if (f->bid_valid) {
                set_bits(f->bid_valid, row, bids);
                make_bids(law, f, row, n, bids);
            }
            row += bids;
            n += bids;
        }
    }
}
