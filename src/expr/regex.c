/*
 * expr/regex.c -- see regex.h.
 */
#include "expr/regex.h"

#include "base/mem.h"
#include "expr/regex_need.h"
#include "kernels/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define HEAD 16 /* in front of a block: its size, for sb_free */

static void *
take_memory(PCRE2_SIZE size, void *mem)
{
    size_t *block = size > SIZE_MAX - HEAD ? NULL : sb_alloc(mem, size + HEAD);
    if (!block) {
        return NULL;
    }
    *block = size + HEAD;
    return (char *)block + HEAD;
}

static void
give_memory(void *data, void *mem)
{
    if (data) {
        size_t *block = (size_t *)(void *)((char *)data - HEAD);
        sb_free(mem, block, *block);
    }
}

void
sb_regex_init(sb_regex *r, sb_mem *mem)
{
    *r = (sb_regex){.mem = mem};
    sb_text_init(&r->pattern, mem);
    sb_text_init(&r->need, mem);
}

void
sb_regex_deinit(sb_regex *r)
{
    pcre2_match_data_free(r->match);
    pcre2_code_free(r->code);
    pcre2_compile_context_free(r->compile);
    pcre2_general_context_free(r->general);
    sb_text_deinit(&r->pattern);
    sb_text_deinit(&r->need);
}

sb_status
sb_regex_compile(sb_regex *r, sb_str pattern, sb_error *err)
{
    int code;
    PCRE2_SIZE at;
    if (r->compiled && sb_str_equal((sb_str){r->pattern.data, r->pattern.size}, pattern)) {
        return SB_OK;
    }
    if (!r->general) {
        r->general = pcre2_general_context_create(take_memory, give_memory, r->mem);
    }
    if (r->general && !r->compile) {
        r->compile = pcre2_compile_context_create(r->general);
    }
    if (!r->compile) {
        SB_NOMEM(err);
    }
    pcre2_match_data_free(r->match);
    pcre2_code_free(r->code);
    r->match = NULL;
    r->code = NULL;
    r->compiled = r->has_jit = false;
    sb_text_clear(&r->need);
    sb_text_clear(&r->pattern);
    sb_text_append(&r->pattern, pattern.data, pattern.size);
    r->code = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.size,
                            PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &code, &at, r->compile);
    if (r->code) {
        /* Fails where there is no JIT: slower, not wrong. */
        r->has_jit = pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE) == 0;
        r->match = pcre2_match_data_create_from_pattern(r->code, r->general);
        r->need_before = sb_regex_need(pattern, &r->need);
    }
    if (sb_text_failed(&r->pattern) || sb_text_failed(&r->need) ||
        (r->code ? !r->match : code == PCRE2_ERROR_HEAP_FAILED)) {
        SB_NOMEM(err);
    }
    r->compiled = true;
    return SB_OK;
}

/* Moves `from` to where a match can begin; false: there is none. */
static bool
skip_to_need(const sb_regex *r, sb_str s, size_t *from)
{
    size_t at = sb_utf8_find(s.data, s.size, r->need.data, r->need.size, *from), first = *from;
    if (at == SIZE_MAX) {
        return false;
    }
    if (at - first > r->need_before) {
        size_t to = at - r->need_before;
        while (to > first && !sb_utf8_is_lead(s.data[to])) {
            to--;
        }
        *from = to;
    }
    return true;
}

sb_status
sb_regex_find(sb_regex *r, const char *name, sb_str s, size_t from, int *out_groups, sb_error *err)
{
    *out_groups = 0;
    if (r->need.size > 0 && !skip_to_need(r, s, &from)) {
        return SB_OK;
    }
    /* Without the checks of pcre2_match, which the code was compiled to do without. */
    PCRE2_SPTR subject = (PCRE2_SPTR)(s.size > 0 ? s.data : "");
    int rc = r->has_jit ? pcre2_jit_match(r->code, subject, s.size, from, 0, r->match, NULL)
                        : pcre2_match(r->code, subject, s.size, from, 0, r->match, NULL);
    if (rc == PCRE2_ERROR_NOMEMORY) {
        SB_NOMEM(err);
    }
    if (rc < 0 && rc != PCRE2_ERROR_NOMATCH) {
        PCRE2_UCHAR text[120];
        pcre2_get_error_message(rc, text, sizeof text);
        SB_FAIL(err, SB_STATUS_DATA, "%s: matching '%.*s' failed: %s", name, (int)r->pattern.size,
                r->pattern.data, (const char *)text);
    }
    *out_groups = rc < 0 ? 0 : rc;
    return SB_OK;
}

const size_t *
sb_regex_groups(const sb_regex *r)
{
    return r->match ? pcre2_get_ovector_pointer(r->match) : NULL;
}

int32_t
sb_regex_count_groups(const sb_regex *r)
{
    uint32_t count = 0;
    pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &count);
    return (int32_t)count;
}
