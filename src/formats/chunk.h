/*
 * formats/chunk.h -- a chunk of converted values of one column, on its way to a column builder.
 */
#ifndef SB_FORMATS_CHUNK_H
#define SB_FORMATS_CHUNK_H

#include "columnar/builder.h"

/* Appends `count` values of the builder's width; for VIEW kinds `values` are sb_str whose bytes are
 * copied: 16 bytes from the start of each are readable. valid: one byte a row, 0 = NULL. Not for
 * LIST, STRUCT and NULL kinds. */
void sb_chunk_append(sb_column_builder *to, const void *values, const uint8_t *valid,
                     int32_t count);

#endif
