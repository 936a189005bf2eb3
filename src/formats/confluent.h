/*
 * formats/confluent.h -- the header of messages whose schema is in a registry: byte 0, then the id
 * of the schema, big-endian.
 */
#ifndef SB_FORMATS_CONFLUENT_H
#define SB_FORMATS_CONFLUENT_H

#include "base/text.h"

#define SB_CONFLUENT_HEADER 5

extern const char sb_confluent_no_header[]; /* why a record is bad */

/* Cuts the header off; false: there is none. */
static inline bool
sb_confluent_cut(sb_str *record, int32_t *id)
{
    const unsigned char *p = (const unsigned char *)record->data;
    if (record->size < SB_CONFLUENT_HEADER || p[0] != 0) {
        return false;
    }
    *id = (int32_t)((uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | p[4]);
    record->data += SB_CONFLUENT_HEADER;
    record->size -= SB_CONFLUENT_HEADER;
    return true;
}

static inline void
sb_confluent_put(sb_text *out, int32_t id)
{
    uint32_t n = (uint32_t)id;
    const char header[SB_CONFLUENT_HEADER] = {0, (char)(n >> 24), (char)(n >> 16), (char)(n >> 8),
                                              (char)n};
    sb_text_append(out, header, sizeof header);
}

#endif
