/*
 * sql/print.c -- what all parts of the printer stand on: text, lines, comments, attempts.
 *
 * THREADS    one thread at a time.
 */
#include "sql/print.h"

#include <string.h>

#include "sql/printer.h"

/* ---- text ---- */

static void
print_blanks(sb_printer *p)
{
    if (!p->newline) {
        return;
    }
    p->newline = false;
    sb_text_char(p->out, '\n');
    p->line = p->out->size;
    for (int32_t i = 0; i < p->indent; i++) {
        sb_text_char(p->out, ' ');
    }
}

void
sb_pr_bytes(sb_printer *p, const char *data, size_t size)
{
    if (p->overflow) {
        return;
    }
    print_blanks(p);
    sb_text_append(p->out, data, size);
    p->overflow = p->flat && !p->kept && p->out->size - p->line > SB_PRINT_WIDTH;
}

void
sb_pr_add(sb_printer *p, const char *text)
{
    sb_pr_bytes(p, text, strlen(text));
}

void
sb_pr_quoted(sb_printer *p, sb_str text, char quote)
{
    sb_pr_bytes(p, &quote, 1);
    for (size_t i = 0; i < text.size && !p->overflow; i++) {
        if (text.data[i] == quote) {
            sb_text_char(p->out, quote);
        }
        sb_text_char(p->out, text.data[i]);
    }
    sb_pr_bytes(p, &quote, 1);
}

void
sb_pr_string(sb_printer *p, const char *text)
{
    sb_pr_quoted(p, sb_str_of(text), '\'');
}

static bool
print_is_plain(const char *name)
{
    bool plain =
        (name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z') || name[0] == '_';

    for (const char *c = name; plain && *c != '\0'; c++) {
        plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                *c == '_' || *c == '$';
    }
    return plain && !sb_sql_is_reserved(sb_str_of(name)) &&
           !sb_str_equal_nocase(sb_str_of(name), SB_STR("DATETIME"));
}

/* Quoted in the source stays quoted. */
void
sb_pr_name(sb_printer *p, const sb_ast_name *name)
{
    bool quoted = p->text != NULL && name->end > name->begin && p->text[name->begin] == '`';

    if (!quoted && !p->kept && print_is_plain(name->text)) {
        sb_pr_add(p, name->text);
    } else {
        sb_pr_quoted(p, sb_str_of(name->text), '`');
    }
}

void
sb_pr_path(sb_printer *p, const sb_ast_path *path)
{
    for (int32_t i = 0; i < path->count; i++) {
        sb_pr_add(p, i > 0 ? "." : "");
        sb_pr_name(p, &path->parts[i]);
    }
}

void
sb_sql_print_name(const char *name, sb_text *out)
{
    sb_printer p = {.out = out};
    sb_ast_name one = {.text = name};

    sb_pr_name(&p, &one);
}

void
sb_sql_print_string(const char *text, sb_text *out)
{
    sb_printer p = {.out = out};

    sb_pr_string(&p, text);
}

void
sb_ast_print_expr(const sb_ast_expr *expr, const char *text, sb_arena *arena, sb_text *out)
{
    sb_printer p = {.out = out, .arena = arena, .text = text, .flat = true, .kept = true};

    sb_pr_expr(&p, expr);
}

/* ---- lines ---- */

void
sb_pr_line(sb_printer *p)
{
    if (p->flat) {
        sb_pr_add(p, " ");
    } else {
        p->newline = true;
    }
}

void
sb_pr_open(sb_printer *p)
{
    sb_pr_add(p, "(");
    p->indent += SB_PRINT_INDENT;
    if (!p->flat) {
        p->newline = true;
    }
}

void
sb_pr_close(sb_printer *p)
{
    p->indent -= SB_PRINT_INDENT;
    if (!p->flat) {
        p->newline = true;
    }
    sb_pr_add(p, ")");
}

void
sb_pr_comments(sb_printer *p, int32_t position)
{
    if (p->flat) {
        return;
    }
    while (p->next_comment < p->count_comments && p->comments[p->next_comment].begin < position) {
        const sb_comment *comment = &p->comments[p->next_comment++];
        bool at_start = p->out->size == p->line;

        if (comment->trailing && !at_start) {
            sb_text_char(p->out, ' ');
        } else {
            p->newline |= !at_start;
            print_blanks(p);
        }
        sb_text_append(p->out, p->text + comment->begin, (size_t)(comment->end - comment->begin));
        p->newline = true;
    }
}

/* ---- pieces of the source ---- */

static bool
source_tight(const sb_token *left, const sb_token *right)
{
    static const char before[] = ",.)];:>}", after[] = "([.<{";
    char l = left->kind == SB_TOKEN_SYMBOL ? left->value.data[0] : '\0';
    char r = right->kind == SB_TOKEN_SYMBOL ? right->value.data[0] : '\0';

    if (r == '(' || r == '[' || r == '<') {
        return left->end == right->begin;
    }
    return (r != '\0' && strchr(before, r) != NULL && right->value.size == 1) ||
           (l != '\0' && strchr(after, l) != NULL && left->value.size == 1);
}

/* Words that cannot be names are keywords: in capital letters. */
static void
source_token(sb_printer *p, const sb_token *token, const sb_token *next)
{
    bool keyword = token->kind == SB_TOKEN_NAME &&
                   (sb_sql_is_reserved(token->value) ||
                    (sb_str_equal_nocase(token->value, SB_STR("MAP")) &&
                     next->kind == SB_TOKEN_SYMBOL && next->value.data[0] == '<'));

    for (size_t i = 0; keyword && i < token->value.size; i++) {
        char c = token->value.data[i];

        c = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
        sb_pr_bytes(p, &c, 1);
    }
    if (!keyword) {
        sb_pr_bytes(p, p->text + token->begin, (size_t)(token->end - token->begin));
    }
}

void
sb_pr_source(sb_printer *p, int32_t begin, int32_t end)
{
    sb_token *tokens;
    int32_t count;
    sb_error err;

    sb_error_clear(&err);
    if (p->arena == NULL || sb_lex(p->arena, p->text, begin, end, &tokens, &count, &err) != SB_OK) {
        sb_pr_bytes(p, p->text + begin, (size_t)(end - begin));
        return;
    }
    for (int32_t i = 0; i + 1 < count; i++) {
        if (i > 0 && !source_tight(&tokens[i - 1], &tokens[i])) {
            sb_pr_add(p, " ");
        }
        source_token(p, &tokens[i], &tokens[i + 1]);
    }
}

/* ---- attempts ---- */

bool
sb_pr_try(sb_printer *p, sb_pr_function print, const void *node, int32_t end)
{
    sb_printer before = *p;
    size_t size = p->out->size;
    bool fits;

    if (p->flat) {
        print(p, node);
        return true;
    }
    if (p->next_comment < p->count_comments && p->comments[p->next_comment].begin < end) {
        return false;
    }
    p->flat = true;
    print(p, node);
    fits = !p->overflow;
    if (!fits) {
        *p = before;
        p->out->size = size;
        p->out->data[size] = '\0';
    }
    p->flat = p->overflow = false;
    return fits;
}

void
sb_pr_node(sb_printer *p, sb_pr_function print, const void *node, int32_t end)
{
    if (!sb_pr_try(p, print, node, end)) {
        print(p, node);
    }
}

/* ---- names and options ---- */

void
sb_pr_names(sb_printer *p, const sb_ast_name *names, int32_t count)
{
    sb_pr_add(p, "(");
    for (int32_t i = 0; i < count; i++) {
        sb_pr_add(p, i > 0 ? ", " : "");
        sb_pr_name(p, &names[i]);
    }
    sb_pr_add(p, ")");
}

static void
print_options_inside(sb_printer *p, const void *node)
{
    const sb_options *options = node;

    if (options->count == 0) {
        sb_pr_add(p, "()");
        return;
    }
    sb_pr_open(p);
    for (int32_t i = 0; i < options->count; i++) {
        if (i > 0) {
            sb_pr_add(p, ",");
            sb_pr_line(p);
        }
        if (options->at[i].position >= 0) {
            sb_pr_comments(p, options->at[i].position);
        }
        sb_pr_string(p, options->at[i].key);
        sb_pr_add(p, " = ");
        sb_pr_string(p, options->at[i].value);
    }
    sb_pr_close(p);
}

void
sb_pr_options(sb_printer *p, const sb_options *options)
{
    int32_t end = options->count > 0 ? options->at[options->count - 1].position : 0;

    sb_pr_node(p, print_options_inside, options, end);
}

static void
print_hint(sb_printer *p, const sb_ast_hint *hint)
{
    sb_pr_add(p, hint->name.text);
    if (hint->count == 0) {
        return;
    }
    sb_pr_add(p, "(");
    for (int32_t i = 0; i < hint->count; i++) {
        sb_pr_add(p, i > 0 ? ", " : "");
        if (hint->quoted[i]) {
            sb_pr_string(p, hint->keys[i].text);
        } else if (p->text != NULL && hint->keys[i].end > hint->keys[i].begin) {
            sb_pr_source(p, hint->keys[i].begin, hint->keys[i].end);
        } else {
            sb_pr_add(p, hint->keys[i].text);
        }
        if (hint->values[i] != NULL) {
            sb_pr_add(p, " = ");
            sb_pr_string(p, hint->values[i]);
        }
    }
    sb_pr_add(p, ")");
}

void
sb_pr_hints(sb_printer *p, const sb_options *options, const sb_ast_hint *hints, int32_t count)
{
    bool has_options = options != NULL && options->at != NULL;

    if (!has_options && count == 0) {
        return;
    }
    sb_pr_add(p, " /*+ ");
    for (int32_t i = 0; i < count; i++) {
        sb_pr_add(p, i > 0 ? ", " : "");
        print_hint(p, &hints[i]);
    }
    if (has_options) {
        sb_pr_add(p, count > 0 ? ", OPTIONS(" : "OPTIONS(");
        for (int32_t i = 0; i < options->count; i++) {
            sb_pr_add(p, i > 0 ? ", " : "");
            sb_pr_string(p, options->at[i].key);
            sb_pr_add(p, " = ");
            sb_pr_string(p, options->at[i].value);
        }
        sb_pr_add(p, ")");
    }
    sb_pr_add(p, " */");
}
