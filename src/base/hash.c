/*
 * base/hash.c -- hashing of byte strings and the checksum of durable bytes.
 *
 * Source: XXH3-64 (libxxhash); CRC-32C (Castagnoli), reflected, as in RFC 3720.
 */
#include "base/hash.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>
#ifdef __SSE4_2__
#include <nmmintrin.h>
#endif

uint64_t
sb_hash_bytes(const void *data, size_t size)
{
    return XXH3_64bits(data, size);
}

#ifdef __SSE4_2__
uint32_t
sb_crc32c(uint32_t crc, const void *data, size_t size)
{
    const uint8_t *at = data;
    uint64_t sum = crc ^ UINT32_MAX;
    for (; size >= 8; size -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        sum = _mm_crc32_u64(sum, word);
    }
    for (; size > 0; size--, at++) {
        sum = _mm_crc32_u8((uint32_t)sum, *at);
    }
    return (uint32_t)sum ^ UINT32_MAX;
}
#else
uint32_t
sb_crc32c(uint32_t crc, const void *data, size_t size)
{
    /* Remainders of the 16 half bytes; polynomial 0x82F63B78 (reflected). */
    static const uint32_t half[16] = {
        0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3,
        0x61C69362, 0x7198540D, 0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9,
        0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
    };
    const uint8_t *at = data;
    crc ^= UINT32_MAX;
    for (; size > 0; size--, at++) {
        crc ^= *at;
        crc = (crc >> 4) ^ half[crc & 15];
        crc = (crc >> 4) ^ half[crc & 15];
    }
    return crc ^ UINT32_MAX;
}
#endif
