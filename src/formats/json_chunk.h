/*
 * formats/json_chunk.h -- what a JSON decoder is, and its second half: a chunk of records whose
 * wanted values have been found -> rows of column builders.
 *
 * DESIGN     json_decode.c (lines) and json_records.c (records that lie apart) put records into the
 *            chunk; here values are converted column by column, bad records are told, rows that are
 *            fine go to the builders. Positions of all records of a chunk count from `text_base`.
 * OWNERSHIP  Everything belongs to the decoder.
 */
#ifndef SB_FORMATS_JSON_CHUNK_H
#define SB_FORMATS_JSON_CHUNK_H

#include "formats/json_index.h"
#include "formats/json_options.h"
#include "formats/json_shape.h"
#include "formats/json_tree.h"

#define SB_JSON_WINDOW (64 << 10)

typedef struct sb_json_record { /* one of the chunk */
    const char *data;
    size_t size;    /* without line end */
    int64_t offset; /* in the input; or which of the records that lie apart */
    int64_t line;
    const char *why; /* NULL: fine */
    int32_t node;    /* whose value is bad; -1: the record itself */
    bool plain;      /* its strings have no escapes, and are ASCII */
} sb_json_record;

typedef struct sb_json_output { /* of the running call */
    sb_column_builder *columns;
    uint8_t *ops;
    int32_t *record_of; /* NULL: of lines */
    sb_bad_handler bad;
    int32_t limit_rows, rows;
    bool has_ops;
} sb_json_output;

typedef struct sb_json_decoder {
    sb_decoder base;
    sb_json_options options;
    sb_json_tree tree;
    sb_json_output out;
    sb_json_index *index;
    int64_t charged; /* for the index */
    sb_arena *scratch;
    sb_text text;   /* scratch of conversions */
    sb_text reason; /* of the bad record that is told */
    char *patched;  /* a record with control bytes replaced, to be indexed */
    size_t patched_size;
    const uint32_t *tokens; /* of the text indexed last */
    const char *text_base;  /* what its positions count from */
    sb_json_shape *shape;   /* in the tree's arena */
    sb_json_marks *marks;   /* the same */
    uint32_t *shaped;       /* tokens of a chunk of records of that shape */
    uint32_t used;          /* of them */
    int32_t pause, pauses;  /* windows until a shape is tried again; and next time */
    int32_t count;          /* records of the chunk */
    sb_json_record records[SB_JSON_CHUNK];
    uint8_t ops[SB_JSON_CHUNK];
} sb_json_decoder;

/* No records; every slot says missing. */
void sb_json_chunk_clear(sb_json_decoder *d);
/* Converts and appends the records of the chunk, and clears it. */
sb_status sb_json_chunk_flush(sb_json_decoder *d, sb_error *err);

static inline bool
sb_json_chunk_has_room(const sb_json_decoder *d)
{
    return d->out.rows + d->count < d->out.limit_rows;
}

static inline sb_json_record *
sb_json_chunk_add(sb_json_decoder *d, const char *data, size_t size, int64_t offset, int64_t line)
{
    sb_json_record *record = &d->records[d->count++];
    *record =
        (sb_json_record){.data = data, .size = size, .offset = offset, .line = line, .node = -1};
    return record;
}

/* Starts a call. */
void sb_json_decoder_begin(sb_json_decoder *d, const sb_json_output *out);
/* Room for the index of a text of this size. */
sb_status sb_json_index_room(sb_json_decoder *d, size_t size, sb_error *err);
/* Indexes a text: tokens and text_base; a control byte in a string counts as a blank when it is
 * `one` record. NOMEM is an error. */
sb_status sb_json_index_text(sb_json_decoder *d, const char *data, size_t size, bool one,
                             sb_json_index_result *out, sb_error *err);
const char *sb_json_index_why(sb_json_index_result result);

static inline bool
sb_json_shape_paused(sb_json_decoder *d) /* for the next window */
{
    bool paused = d->pause > 0;
    d->pause -= paused;
    return paused;
}

/* Is a shape known? If not, one is learned from [p, end), when that can be done. */
bool sb_json_shape_begin(sb_json_decoder *d, const char *p, const char *end);
/* It took `taken` of the `all` bytes of the window; stopped: by the limit of rows. */
void sb_json_shape_score(sb_json_decoder *d, size_t taken, size_t all, bool stopped);

/* json_records.c */
sb_status sb_json_decode_records(sb_decoder *base, sb_decode_records *call, sb_error *err);

#endif
