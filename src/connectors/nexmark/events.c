/*
 * connectors/nexmark/events.c -- runs of Nexmark events written into columns.
 *
 * DESIGN     Bids are 46 of 50 events: they have loops of their own without branches on data, one
 *            per column that is wanted; ids that a group of 50 events may refer to are computed
 *            once per group; times advance by addition.
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

/* The strings of a person; e-mail and card also stand in `extra`'s size. */
static void
make_person_strings(const sb_nexmark_law *law, sb_nexmark_frame *f, int32_t row, int64_t n)
{
    const sb_nexmark_pools *p = law->pools;
    uint64_t z = 16 * (uint64_t)n, s = p->seed_event, w0 = sb_nexmark_draw(s, z);
    sb_view name = p->person_names[sb_nexmark_pick16(w0, 11) * 9 + sb_nexmark_pick16(w0 >> 16, 9)];
    sb_view city = p->cities[sb_nexmark_pick16(w0 >> 32, 10)],
            state = p->states[sb_nexmark_pick16(w0 >> 48, 6)];
    if (f->person.name) {
        f->person.name[row] = name;
    }
    if (f->person.city) {
        f->person.city[row] = city;
    }
    if (f->person.state) {
        f->person.state[row] = state;
    }
    if (!f->person.email && !f->person.card && !f->person.extra) {
        return;
    }
    char *email = f->heap + f->heap_used, *card = put_email(p, email, sb_nexmark_draw(s, z + 1)),
         *end = put_card(card, sb_nexmark_draw(s, z + 2));
    f->heap_used += (int32_t)(end - email);
    if (f->person.email) {
        f->person.email[row] = sb_view_make(email, (uint32_t)(card - email));
    }
    if (f->person.card) {
        f->person.card[row] = sb_view_make(card, (uint32_t)(end - card));
    }
    uint32_t used =
        8 + name.small.size + (uint32_t)(end - email) + city.small.size + state.small.size;
    if (f->person.extra) {
        f->person.extra[row] = extra_view(p, used, 200, sb_nexmark_draw(s, z + 3));
    }
}

static void
make_person(const sb_nexmark_law *law, sb_nexmark_frame *f, int32_t row, int64_t n)
{
    if (f->person.id) {
        f->person.id[row] = n / GROUP + 1000;
    }
    if (f->person.time) {
        f->person.time[row] = time_of(law, n);
    }
    if (f->person_strings) {
        make_person_strings(law, f, row, n);
    }
}

static void
make_auction_strings(const sb_nexmark_law *law, sb_nexmark_frame *f, int32_t row, int64_t n)
{
    const sb_nexmark_pools *p = law->pools;
    uint64_t z = 16 * (uint64_t)n, s = p->seed_event, w2 = sb_nexmark_draw(s, z + 2);
    sb_view name = text_view(p, (uint32_t)(w2 >> 16 & 0xFFFF), 3 + sb_nexmark_pick16(w2, 17));
    sb_view description = text_view(p, (uint32_t)(w2 >> 48), 3 + sb_nexmark_pick16(w2 >> 32, 97));
    if (f->auction.name) {
        f->auction.name[row] = name;
    }
    if (f->auction.description) {
        f->auction.description[row] = description;
    }
    if (f->auction.extra) {
        f->auction.extra[row] = extra_view(p, 48 + name.small.size + description.small.size, 500,
                                           sb_nexmark_draw(s, z + 3));
    }
}

static void
make_auction_prices(const sb_nexmark_law *law, sb_nexmark_frame *f, int32_t row, int64_t n)
{
    const sb_nexmark_pools *p = law->pools;
    uint64_t w1 = sb_nexmark_draw(p->seed_event, 16 * (uint64_t)n + 1);
    int64_t initial = price_of(p, (uint32_t)(w1 >> 32));
    if (f->auction.initial) {
        f->auction.initial[row] = initial;
    }
    if (f->auction.reserve) {
        f->auction.reserve[row] = initial + price_of(p, (uint32_t)w1);
    }
}

static void
make_auction_expires(const sb_nexmark_law *law, sb_nexmark_frame *f, int32_t row, int64_t n)
{
    uint64_t w4 = sb_nexmark_draw(law->pools->seed_event, 16 * (uint64_t)n + 4);
    int64_t time = time_of(law, n), horizon = (time_of(law, n + 1666) - time) / law->tick;
    uint64_t range = horizon > 0 ? 2 * (uint64_t)horizon : 1;
    f->auction.expires[row] = time + law->tick * (1 + (int64_t)(((w4 >> 32) * range) >> 32));
}

static void
make_auction(const sb_nexmark_law *law, sb_nexmark_frame *f, int32_t row, int64_t n)
{
    const sb_nexmark_pools *p = law->pools;
    int64_t e = n / GROUP, active = e + 1 < 1000 ? e + 1 : 1000, oldest = e + 1 - active;
    uint64_t w0 = sb_nexmark_draw(p->seed_event, 16 * (uint64_t)n);
    if (f->auction.id) {
        f->auction.id[row] = 1000 + 3 * e + (n % GROUP - 1);
    }
    if (f->auction.time) {
        f->auction.time[row] = time_of(law, n);
    }
    if (f->auction.seller) {
        int64_t cold = oldest + (int64_t)(((w0 >> 8 & 0xFFFFFF) * (uint64_t)(active + 10)) >> 24);
        f->auction.seller[row] = 1000 + ((w0 & 3) != 0 ? e / 100 * 100 : cold);
    }
    if (f->auction.category) {
        f->auction.category[row] = 10 + sb_nexmark_pick16(w0 >> 32, 5);
    }
    if (f->auction.initial || f->auction.reserve) {
        make_auction_prices(law, f, row, n);
    }
    if (f->auction.expires) {
        make_auction_expires(law, f, row, n);
    }
    if (f->auction_strings) {
        make_auction_strings(law, f, row, n);
    }
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

typedef struct bid_draws { /* two random words per bid of a group */
    uint64_t w0[GROUP], w1[GROUP];
} bid_draws;

static void
make_bid_numbers(const sb_nexmark_pools *p, const sb_nexmark_frame *f, int32_t row,
                 const bid_ids *ids, const bid_draws *d, int32_t count)
{
    if (f->bid.auction) {
        int64_t *restrict auction = f->bid.auction + row;
        for (int32_t i = 0; i < count; i++) {
            int64_t hot = -(int64_t)(d->w0[i] & 1); /* a mask */
            int64_t cold =
                ids->cold_auction + (int64_t)(((d->w0[i] >> 6 & 0x3FFFF) * ids->auctions) >> 18);
            auction[i] = cold ^ ((cold ^ ids->hot_auction) & hot);
        }
    }
    if (f->bid.bidder) {
        int64_t *restrict bidder = f->bid.bidder + row;
        for (int32_t i = 0; i < count; i++) {
            int64_t hot = -(int64_t)((d->w0[i] & 6) != 0); /* a mask */
            int64_t cold =
                ids->cold_bidder + (int64_t)(((d->w0[i] >> 24 & 0xFFFFF) * ids->bidders) >> 20);
            bidder[i] = cold ^ ((cold ^ ids->hot_bidder) & hot);
        }
    }
    if (f->bid.price) {
        int64_t *restrict price = f->bid.price + row;
        for (int32_t i = 0; i < count; i++) {
            price[i] = price_of(p, (uint32_t)(d->w1[i] >> 32));
        }
    }
}

ALWAYS uint32_t
channel_of(uint64_t w0)
{
    uint32_t c = 4 + (uint32_t)(((w0 >> 44) * 10000) >> 20);
    return c ^ ((c ^ (uint32_t)(w0 >> 4 & 3)) & -(uint32_t)(w0 >> 3 & 1));
}

/* Where a bid's strings are is random: asked for ahead of the loops that read them. */
static void
prefetch_bid_strings(const sb_nexmark_pools *p, const sb_nexmark_frame *f, const bid_draws *d,
                     int32_t count)
{
    for (int32_t i = 0; i < count && (f->bid.channel || f->bid.url); i++) {
        __builtin_prefetch(&p->channels[channel_of(d->w0[i])]);
    }
    for (int32_t i = 0; i < count && f->bid.extra; i++) {
        __builtin_prefetch(p->extra + (d->w1[i] >> 12 & 0xFFFFF));
    }
}

static void
make_bid_strings(const sb_nexmark_pools *p, const sb_nexmark_frame *f, int32_t row,
                 const bid_draws *d, int32_t count)
{
    if (f->bid.channel) {
        for (int32_t i = 0; i < count; i++) {
            f->bid.channel[row + i] = p->channels[channel_of(d->w0[i])].name;
        }
    }
    if (f->bid.url) {
        for (int32_t i = 0; i < count; i++) {
            f->bid.url[row + i] = p->channels[channel_of(d->w0[i])].url;
        }
    }
    for (int32_t i = 0; i < count && f->bid.extra; i++) {
        const char *bytes = p->extra + (d->w1[i] >> 12 & 0xFFFFF);
        uint32_t prefix;
        memcpy(&prefix, bytes, sizeof prefix);
        uint64_t size = 54 + (((d->w1[i] & 0xFFF) * 28) >> 12); /* never inline */
        f->bid.extra[row + i] =
            (sb_view){.words = {size | (uint64_t)prefix << 32, (uint64_t)(uintptr_t)bytes}};
    }
}

static void
make_bid_times(const sb_nexmark_law *law, int64_t *restrict time, int64_t n, int32_t count)
{
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

/* count bids of one group. */
static void
make_bids(const sb_nexmark_law *law, const sb_nexmark_frame *f, int32_t row, int64_t n,
          int32_t count)
{
    const sb_nexmark_pools *p = law->pools;
    const bid_ids ids = ids_of(n / GROUP);
    uint64_t z = p->seed_event + (16 * (uint64_t)n + 1) * SB_HASH_GAMMA;
    bid_draws draws;
    for (int32_t i = 0; i < count && f->bid_draws; i++, z += 16 * SB_HASH_GAMMA) {
        draws.w0[i] = sb_hash_mix(z);
        draws.w1[i] = sb_hash_mix(z + SB_HASH_GAMMA);
    }
    if (f->bid_draws) {
        prefetch_bid_strings(p, f, &draws, count);
        make_bid_numbers(p, f, row, &ids, &draws, count);
    }
    if (f->bid.time) {
        make_bid_times(law, f->bid.time + row, n, count);
    }
    if (f->bid_draws) {
        make_bid_strings(p, f, row, &draws, count);
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
