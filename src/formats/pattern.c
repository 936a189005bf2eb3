/*
 * formats/pattern.c -- see pattern.h: PCRE2, whose patterns are those of Java in all that names of
 * tables need.
 */
#include "formats/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define STEPS_MAX 1000000 /* of one match: a pattern that runs wild does not match */

struct sb_pattern {
    sb_mem *mem;
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *context;
};

sb_status
sb_pattern_new(sb_mem *mem, const char *text, sb_pattern **out, sb_error *err)
{
    int code;
    PCRE2_SIZE at;
    sb_pattern *p = sb_alloc_zero(mem, sizeof *p);
    if (!p) {
        SB_NOMEM(err);
    }
    p->mem = mem;
    p->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                            PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED, &code, &at, NULL);
    if (!p->code) {
        sb_pattern_free(p);
        unsigned char why[128];
        pcre2_get_error_message(code, why, sizeof why);
        SB_FAIL(err, SB_STATUS_INVALID, "%s at character %zu", (const char *)why, at + 1);
    }
    p->match = pcre2_match_data_create_from_pattern(p->code, NULL);
    p->context = pcre2_match_context_create(NULL);
    if (!p->match || !p->context) {
        sb_pattern_free(p);
        SB_NOMEM(err);
    }
    pcre2_set_match_limit(p->context, STEPS_MAX);
    *out = p;
    return SB_OK;
}

sb_pattern *
sb_pattern_free(sb_pattern *pattern)
{
    if (pattern) {
        pcre2_match_context_free(pattern->context);
        pcre2_match_data_free(pattern->match);
        pcre2_code_free(pattern->code);
        sb_free(pattern->mem, pattern, sizeof *pattern);
    }
    return NULL;
}

bool
sb_pattern_matches(sb_pattern *pattern, sb_str text)
{
    return pcre2_match(pattern->code, (PCRE2_SPTR)text.data, text.size, 0, 0, pattern->match,
                       pattern->context) > 0;
}

sb_status
sb_pattern_check(const char *text, sb_error *err)
{
    sb_pattern *pattern;
    SB_TRY(sb_pattern_new(sb_mem_root(), text, &pattern, err), err);
    sb_pattern_free(pattern);
    return SB_OK;
}
