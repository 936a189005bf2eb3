/*
 * formats/csv_value.h -- the text of a CSV field as a value of an SQL type, by the rules of Flink's
 * csv format.
 */
#ifndef SB_FORMATS_CSV_VALUE_H
#define SB_FORMATS_CSV_VALUE_H

#include "columnar/type.h"

typedef enum sb_csv_got { SB_CSV_VALUE, SB_CSV_NULL, SB_CSV_WRONG, SB_CSV_NOMEM } sb_csv_got;

/* `out`: the physical value, but an sb_str for VIEW kinds; its bytes are those of `text` or
 * stand in `scratch`. Scalars only. */
sb_csv_got sb_csv_scalar(sb_arena *scratch, const sb_type *type, sb_str text, void *out);
/* Would the value be another than what is written: strict-types refuses it. */
bool sb_csv_changes(const sb_type *type, sb_str text);

#endif
