/*
 * formats/json_index.h -- where the structure of JSON text is: positions of { } [ ] : , and of the
 * first byte of every value.
 *
 * DESIGN     The first stage of simdjson behind a C face; the only file that knows it is
 *            json_index.cc. The index of a run of lines is made in one pass; text is checked to be
 *            UTF-8, strings to be closed and free of control bytes.
 * OWNERSHIP  The positions belong to the index and die at the next run.
 * THREADS    One thread at a time per index.
 */
#ifndef SB_FORMATS_JSON_INDEX_H
#define SB_FORMATS_JSON_INDEX_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sb_json_index sb_json_index;

typedef enum sb_json_index_result {
    SB_JSON_INDEX_OK,
    SB_JSON_INDEX_UTF8,     /* not UTF-8 */
    SB_JSON_INDEX_CONTROL,  /* a control byte in a string */
    SB_JSON_INDEX_UNCLOSED, /* a string has no end */
    SB_JSON_INDEX_NOMEM
} sb_json_index_result;

#define SB_JSON_INDEX_TAIL 7 /* positions behind the last one: all of them `size` */

sb_json_index *sb_json_index_new(size_t capacity); /* NULL: out of memory */
void sb_json_index_free(sb_json_index *ix);        /* NULL is fine */
/* Bytes of memory an index of this capacity takes, to be charged by the owner. */
size_t sb_json_index_bytes(size_t capacity);
size_t sb_json_index_capacity(const sb_json_index *ix);
/* size <= capacity. Positions ascend. */
sb_json_index_result sb_json_index_run(sb_json_index *ix, const char *data, size_t size,
                                       const uint32_t **positions, uint32_t *count);

#ifdef __cplusplus
}
#endif

#endif
