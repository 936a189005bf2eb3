/*
 * engine/payload.c -- see payload.h.
 */
#include "engine/payload.h"

#include <jansson.h>

#include "formats/format.h"

#define HEX_BYTES  256 /* of binary data: so many are shown */
#define FRAME_SIZE 5

/* UTF-8 without characters that control a terminal; blanks and line ends are fine. */
static bool
is_text(sb_str s)
{
    if (!sb_format_is_utf8(s.data, s.size)) {
        return false;
    }
    for (size_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        bool control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
        bool second = c == 0xC2 && i + 1 < s.size && (unsigned char)s.data[i + 1] < 0xA0;
        if (control || second) {
            return false;
        }
    }
    return true;
}

static sb_payload
guess_text(sb_str s)
{
    json_error_t why;
    json_t *value = json_loadb(s.data, s.size, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &why);
    sb_payload kind = !value                ? SB_PAYLOAD_TEXT
                      : json_is_real(value) ? SB_PAYLOAD_NUMBER
                                            : SB_PAYLOAD_JSON;
    json_decref(value);
    return kind;
}

static uint32_t
schema_id(sb_str s)
{
    uint32_t id = 0;
    for (int i = 1; i < FRAME_SIZE; i++) {
        id = id << 8 | (unsigned char)s.data[i];
    }
    return id;
}

static sb_str
framed(sb_str s)
{
    return (sb_str){s.data + FRAME_SIZE, s.size - FRAME_SIZE};
}

sb_payload
sb_payload_guess(sb_str s)
{
    if (!s.data) {
        return SB_PAYLOAD_NULL;
    }
    if (is_text(s)) {
        return guess_text(s);
    }
    /* registries count from 1: so a small BIGINT is none */
    if (s.size > FRAME_SIZE && s.data[0] == 0 && schema_id(s) > 0) {
        sb_str rest = framed(s);
        return is_text(rest) && guess_text(rest) == SB_PAYLOAD_JSON ? SB_PAYLOAD_FRAMED_JSON
                                                                    : SB_PAYLOAD_FRAMED;
    }
    return s.size == 4 ? SB_PAYLOAD_INT : s.size == 8 ? SB_PAYLOAD_BIGINT : SB_PAYLOAD_BINARY;
}

const char *
sb_payload_name(sb_payload kind)
{
    static const char *const names[SB_PAYLOAD_COUNT] = {
        [SB_PAYLOAD_NULL] = "null",
        [SB_PAYLOAD_JSON] = "json",
        [SB_PAYLOAD_NUMBER] = "number",
        [SB_PAYLOAD_TEXT] = "text",
        [SB_PAYLOAD_INT] = "int (4 bytes)",
        [SB_PAYLOAD_BIGINT] = "bigint (8 bytes)",
        [SB_PAYLOAD_FRAMED_JSON] = "json with a schema id (Confluent)",
        [SB_PAYLOAD_FRAMED] = "avro or protobuf with a schema id (Confluent)",
        [SB_PAYLOAD_BINARY] = "binary",
    };
    return names[kind];
}

void
sb_payload_names(uint32_t kinds, sb_text *out)
{
    size_t before = out->size;
    /* null last: it says nothing of the others */
    for (int i = 1; i <= SB_PAYLOAD_COUNT; i++) {
        sb_payload kind = i == SB_PAYLOAD_COUNT ? SB_PAYLOAD_NULL : (sb_payload)i;
        if (kinds & (1U << kind)) {
            sb_text_add(out, out->size > before ? ", " : "");
            sb_text_add(out, sb_payload_name(kind));
        }
    }
    sb_text_add(out, out->size > before ? "" : "none yet");
}

/* Between the tokens of JSON a line end is a blank; within its strings there is none. */
static void
print_text(sb_str s, bool json, sb_text *out)
{
    for (size_t i = 0; i < s.size; i++) {
        char c = s.data[i];
        if (c == '\n' || c == '\r' || c == '\t') {
            sb_text_add(out, json ? " " : c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
        } else {
            sb_text_char(out, c);
        }
    }
}

static void
print_hex(sb_str s, sb_text *out)
{
    size_t shown = s.size < HEX_BYTES ? s.size : HEX_BYTES;
    sb_text_add(out, "0x");
    for (size_t i = 0; i < shown; i++) {
        sb_text_printf(out, "%02x", (unsigned char)s.data[i]);
    }
    if (shown < s.size) {
        sb_text_printf(out, "... (%lld bytes)", (long long)s.size);
    }
}

static int64_t
big_endian(sb_str s)
{
    uint64_t value = (unsigned char)s.data[0] >= 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < s.size; i++) {
        value = value << 8 | (unsigned char)s.data[i];
    }
    return (int64_t)value;
}

void
sb_payload_print(sb_str s, sb_payload kind, sb_text *out)
{
    switch (kind) {
    case SB_PAYLOAD_NULL: sb_text_add(out, "null"); break;
    case SB_PAYLOAD_JSON: print_text(s, true, out); break;
    case SB_PAYLOAD_NUMBER:
    case SB_PAYLOAD_TEXT: print_text(s, false, out); break;
    case SB_PAYLOAD_INT:
    case SB_PAYLOAD_BIGINT: sb_text_printf(out, "%lld", (long long)big_endian(s)); break;
    case SB_PAYLOAD_FRAMED_JSON:
        sb_text_printf(out, "schema %u: ", (unsigned)schema_id(s));
        print_text(framed(s), true, out);
        break;
    case SB_PAYLOAD_FRAMED:
        sb_text_printf(out, "schema %u: ", (unsigned)schema_id(s));
        print_hex(framed(s), out);
        break;
    case SB_PAYLOAD_BINARY:
    case SB_PAYLOAD_COUNT: print_hex(s, out); break;
    }
}
