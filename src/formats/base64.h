/*
 * formats/base64.h -- bytes <-> base64 (standard alphabet, padded), as Jackson's default variant.
 */
#ifndef SB_FORMATS_BASE64_H
#define SB_FORMATS_BASE64_H

#include "base/text.h"

/* At most size / 4 * 3 + 3 bytes go to `out`. Blanks between groups are skipped; padding is
 * required. */
bool sb_fmt_base64_decode(sb_str s, char *out, size_t *out_size);
void sb_fmt_base64_encode(sb_text *out, const char *data, size_t size);

#endif
