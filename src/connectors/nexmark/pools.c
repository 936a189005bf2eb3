/*
 * connectors/nexmark/pools.c -- the shared strings of the Nexmark generator.
 */
#include "connectors/nexmark/pools.h"

#include <stdio.h>
#include <string.h>

/* P[i] = floor(25600 * 10^(6 i / 256) + 1/2): price = interpolation / 256. */
static const int64_t prices[257] = {
    25600,       27020,       28518,       30099,       31768,       33530,       35389,
    37351,       39422,       41608,       43915,       46350,       48920,       51633,
    54496,       57518,       60707,       64073,       67626,       71376,       75334,
    79511,       83920,       88573,       93485,       98668,       104139,      109914,
    116009,      122441,      129230,      136396,      143959,      151942,      160367,
    169259,      178645,      188550,      199005,      210040,      221687,      233979,
    246953,      260647,      275100,      290354,      306454,      323447,      341381,
    360311,      380290,      401377,      423633,      447123,      471916,      498084,
    525702,      554852,      585619,      618091,      652364,      688537,      726716,
    767013,      809543,      854432,      901810,      951815,      1004593,     1060297,
    1119090,     1181143,     1246637,     1315762,     1388721,     1465725,     1546999,
    1632779,     1723316,     1818873,     1919729,     2026177,     2138528,     2257109,
    2382264,     2514360,     2653780,     2800931,     2956242,     3120164,     3293176,
    3475781,     3668512,     3871930,     4086627,     4313228,     4552395,     4804824,
    5071249,     5352448,     5649239,     5962487,     6293105,     6642055,     7010354,
    7399076,     7809351,     8242377,     8699413,     9181792,     9690919,     10228277,
    10795430,    11394033,    12025827,    12692655,    13396457,    14139286,    14923303,
    15750794,    16624170,    17545973,    18518891,    19545756,    20629560,    21773461,
    22980791,    24255066,    25600000,    27019510,    28517731,    30099028,    31768007,
    33529530,    35388729,    37351020,    39422119,    41608060,    43915210,    46350291,
    48920396,    51633013,    54496043,    57517826,    60707167,    64073355,    67626197,
    71376043,    75333816,    79511046,    83919901,    88573227,    93484577,    98668259,
    104139375,   109913861,   116008541,   122441168,   129230482,   136396261,   143959379,
    151941869,   160366985,   169259271,   178644630,   188550403,   199005448,   210040220,
    221686867,   233979315,   246953375,   260646841,   275099604,   290353767,   306453768,
    323446507,   341381487,   360310954,   380290052,   401376984,   423633178,   447123468,
    471916286,   498083856,   525702407,   554852395,   585618739,   618091065,   652363967,
    688537289,   726716407,   767012542,   809543081,   854431922,   901809831,   951814826,
    1004592578,  1060296836,  1119089872,  1181142959,  1246636864,  1315762381,  1388720880,
    1465724898,  1546998759,  1632779223,  1723316179,  1818873373,  1919729176,  2026177392,
    2138528120,  2257108651,  2382264425,  2514360036,  2653780297,  2800931355,  2956241881,
    3120164313,  3293176179,  3475781484,  3668512180,  3871929716,  4086626673,  4313228491,
    4552395290,  4804823792,  5071249353,  5352448106,  5649239217,  5962487277,  6293104816,
    6642054967,  7010354264,  7399075610,  7809351399,  8242376817,  8699413322,  9181792319,
    9690919038,  10228276631, 10795430488, 11394032800, 12025827371, 12692654699, 13396457336,
    14139285548, 14923303289, 15750794500, 16624169768, 17545973347, 18518890566, 19545755657,
    20629560007, 21773460875, 22980790591, 24255066257, 25600000000,
};

static const char *const first_names[] = {"Peter", "Paul",  "Luke",  "John",   "Saul",  "Vicky",
                                          "Kate",  "Julie", "Sarah", "Deiter", "Walter"};
static const char *const last_names[] = {"Shultz", "Abrams", "Spencer", "White", "Bartels",
                                         "Walton", "Smith",  "Jones",   "Noris"};
static const char *const cities[] = {"Phoenix",  "Los Angeles", "San Francisco", "Boise",
                                     "Portland", "Bend",        "Redmond",       "Seattle",
                                     "Kent",     "Cheyenne"};
static const char *const states[] = {"AZ", "CA", "ID", "OR", "WA", "WY"};

static sb_view
view_of(const char *text)
{
    return sb_view_make(text, (uint32_t)strlen(text));
}

static void
make_text(sb_nexmark_pools *p, uint64_t seed)
{
    uint64_t s_extra = sb_nexmark_draw(seed, 1), s_text = sb_nexmark_draw(seed, 2);
    for (uint64_t i = 0; i < sizeof p->extra; i++) {
        p->extra[i] =
            (char)('a' + sb_nexmark_pick16(sb_nexmark_draw(s_extra, i / 4) >> (i % 4 * 16), 26));
    }
    for (uint64_t i = 0; i < sizeof p->text; i++) {
        uint64_t w = sb_nexmark_draw(s_text, i / 2) >> (i % 2 * 32);
        p->text[i] =
            sb_nexmark_pick16(w, 13) == 0 ? ' ' : (char)('a' + sb_nexmark_pick16(w >> 16, 26));
    }
}

static uint32_t
reversed_bits(uint32_t v)
{
    uint32_t r = 0;
    for (int b = 0; b < 32; b++) {
        r |= (v >> b & 1) << (31 - b);
    }
    return r;
}

#define URL_ROOM 80

static void
make_channel(sb_nexmark_pools *p, uint64_t s_url, uint64_t c)
{
    static const char *const hot[4] = {"Google", "Facebook", "Baidu", "Apple"};
    char *url = p->urls + c * URL_ROOM, folders[16], *to = folders, name[32], id[32] = "";
    uint64_t u = sb_nexmark_draw(s_url, 16 * c);
    for (unsigned d = 0; d < 3; d++) {
        unsigned length = 3 + (unsigned)(u >> d & 1);
        for (unsigned k = 0; k < length; k++) {
            uint64_t x = sb_nexmark_draw(s_url, 16 * c + 1 + 4 * d + k);
            *to++ =
                sb_nexmark_pick16(x, 13) == 0 ? '_' : (char)('a' + sb_nexmark_pick16(x >> 16, 26));
        }
        *to++ = '/';
    }
    *to = 0; /* five characters each at most: it fits exactly */
    snprintf(name, sizeof name, "%s", c < 4 ? hot[c] : "");
    if (c >= 4) {
        uint32_t i = (uint32_t)c - 4, r = reversed_bits(i);
        int32_t number = (int32_t)(r >> 31 ? 0u - r : r); /* the smallest number stays negative */
        if ((u >> 32) * 10 >> 32) {
            snprintf(id, sizeof id, "&channel_id=%d", number);
        }
        snprintf(name, sizeof name, "channel-%u", i);
    }
    int size = snprintf(url, URL_ROOM, "https://www.nexmark.com/%sitem.htm?query=1%s", folders, id);
    p->channels[c].name = view_of(name); /* twelve bytes at most: inline */
    p->channels[c].url = sb_view_make(url, (uint32_t)size);
}

static void
make_names(sb_nexmark_pools *p)
{
    for (int i = 0; i < 99; i++) {
        char *at = p->names + i * 16;
        snprintf(at, 16, "%s %s", first_names[i / 9], last_names[i % 9]);
        p->person_names[i] = view_of(at);
    }
    for (int i = 0; i < 10; i++) {
        char *at = p->names + (99 + i) * 16;
        snprintf(at, 16, "%s", cities[i]);
        p->cities[i] = view_of(at);
    }
    for (int i = 0; i < 6; i++) {
        p->states[i] = view_of(states[i]);
    }
}

static void
pools_release(sb_buffer *owner)
{
    sb_free(owner->mem, owner->data, sizeof(sb_nexmark_pools));
}

sb_buffer *
sb_nexmark_pools_new(sb_mem *mem, uint64_t seed, bool texts)
{
    sb_nexmark_pools *p = sb_alloc_zero(mem, sizeof *p);
    if (!p) {
        return NULL;
    }
    p->seed_event = sb_nexmark_draw(seed, 0);
    memcpy(p->prices, prices, sizeof prices);
    if (texts) {
        make_text(p, seed);
        make_names(p);
    }
    for (uint64_t c = 0; texts && c < SB_NEXMARK_CHANNELS; c++) {
        make_channel(p, sb_nexmark_draw(seed, 3), c);
    }
    sb_buffer *owner = sb_buffer_foreign(mem, p, 0, pools_release, NULL);
    if (!owner) {
        sb_free(mem, p, sizeof *p);
    }
    return owner;
}
