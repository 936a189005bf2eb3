/*
 * engine/payload.h -- guessing what the key or the value of a record is, and writing it for people.
 *
 * DESIGN     Bytes that are text are JSON, a number, or just text; others a number as Java's
 *            serializers write it, Confluent's frame (a zero byte, the id of a schema, the
 *            payload), or hex. Text with control characters is none: it could move a terminal's
 *            cursor.
 * THREADS    T:any; no state.
 */
#ifndef SB_ENGINE_PAYLOAD_H
#define SB_ENGINE_PAYLOAD_H

#include "base/text.h"

typedef enum sb_payload {
    SB_PAYLOAD_NULL,
    SB_PAYLOAD_JSON,
    SB_PAYLOAD_NUMBER, /* as text */
    SB_PAYLOAD_TEXT,
    SB_PAYLOAD_INT,         /* 4 bytes, big-endian */
    SB_PAYLOAD_BIGINT,      /* 8 bytes, big-endian */
    SB_PAYLOAD_FRAMED_JSON, /* Confluent's frame around JSON */
    SB_PAYLOAD_FRAMED,      /* ... around Avro or Protobuf, which look alike */
    SB_PAYLOAD_BINARY,
    SB_PAYLOAD_COUNT
} sb_payload;

sb_payload sb_payload_guess(sb_str bytes); /* data NULL: null */
const char *sb_payload_name(sb_payload kind);
/* "json", "json, null", "none yet": of a set of bits 1 << kind. */
void sb_payload_names(uint32_t kinds, sb_text *out);
/* One line, whatever the bytes are. */
void sb_payload_print(sb_str bytes, sb_payload kind, sb_text *out);

#endif
