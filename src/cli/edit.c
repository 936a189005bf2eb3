/*
 * cli/edit.c -- the line editor's state and what keys do to it.
 *
 * THREADS    the main thread
 */
#include "cli/edit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- words ---- */

bool
sb_words_add(sb_words *words, const char *word)
{
    if (words->count == words->capacity) {
        size_t capacity = words->capacity ? 2 * words->capacity : 64;
        char **at = realloc(words->at, capacity * sizeof *at);
        if (!at) {
            return false;
        }
        words->at = at;
        words->capacity = capacity;
    }
    words->at[words->count] = strdup(word);
    return words->at[words->count] && ++words->count > 0;
}

void
sb_words_clear(sb_words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        free(words->at[i]);
    }
    free(words->at);
    *words = (sb_words){0};
}

static int
compare_words(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    int order = strcasecmp(*x, *y);
    return order ? order : strcmp(*x, *y);
}

void
sb_words_sort(sb_words *words)
{
    size_t kept = 0;
    if (words->count > 1) {
        qsort(words->at, words->count, sizeof *words->at, compare_words);
    }
    for (size_t i = 0; i < words->count; i++) {
        if (kept > 0 && strcmp(words->at[i], words->at[kept - 1]) == 0) {
            free(words->at[i]);
        } else {
            words->at[kept++] = words->at[i];
        }
    }
    words->count = kept;
}

/* ---- text ---- */

void
sb_edit_init(sb_edit *edit, const sb_edit_host *host, sb_history *history)
{
    *edit = (sb_edit){.host = host, .history = history};
    edit->text = calloc(1, 256);
    edit->capacity = edit->text ? 256 : 0;
    sb_edit_clear(edit);
}

static void
drop_undo(sb_edit *edit)
{
    while (edit->count_undo > 0) {
        free(edit->undo[--edit->count_undo].text);
    }
}

void
sb_edit_deinit(sb_edit *edit)
{
    drop_undo(edit);
    sb_words_clear(&edit->words);
    free(edit->text);
    free(edit->killed);
    free(edit->draft);
}

void
sb_edit_clear(sb_edit *edit)
{
    drop_undo(edit);
    sb_words_clear(&edit->words);
    free(edit->draft);
    edit->draft = NULL;
    edit->size = edit->cursor = 0;
    if (edit->text) {
        edit->text[0] = '\0';
    }
    edit->entry = (long)edit->history->count;
    edit->typing = edit->pasting = edit->show_words = edit->searching = false;
    edit->drawn_row = 0;
}

/* Replaces text[begin, end); the cursor stands behind it. False: too long or out of memory. */
static bool
replace(sb_edit *edit, size_t begin, size_t end, const char *text, size_t size)
{
    size_t all = edit->size - (end - begin) + size;
    if (all > SB_EDIT_TEXT_MAX) {
        return false;
    }
    if (all + 1 > edit->capacity) {
        size_t capacity = 2 * (all + 1);
        char *grown = realloc(edit->text, capacity);
        if (!grown) {
            return false;
        }
        edit->text = grown;
        edit->capacity = capacity;
    }
    memmove(edit->text + begin + size, edit->text + end, edit->size - end);
    memcpy(edit->text + begin, text, size);
    edit->size = all;
    edit->text[all] = '\0';
    edit->cursor = begin + size;
    return true;
}

void
sb_edit_set(sb_edit *edit, const char *text, size_t size)
{
    (void)replace(edit, 0, edit->size, text, size);
}

static void
keep_undo(sb_edit *edit)
{
    if (edit->count_undo == SB_EDIT_UNDO_MAX) {
        free(edit->undo[0].text);
        memmove(edit->undo, edit->undo + 1, (SB_EDIT_UNDO_MAX - 1) * sizeof edit->undo[0]);
        edit->count_undo--;
    }
    char *copy = malloc(edit->size + 1);
    if (copy) {
        memcpy(copy, edit->text, edit->size + 1);
        edit->undo[edit->count_undo++] = (sb_snapshot){copy, edit->size, edit->cursor};
    }
}

static void
undo(sb_edit *edit)
{
    if (edit->count_undo > 0) {
        sb_snapshot last = edit->undo[--edit->count_undo];
        if (replace(edit, 0, edit->size, last.text, last.size)) {
            edit->cursor = last.cursor;
        }
        free(last.text);
    }
}

static void
insert(sb_edit *edit, const char *text, size_t size)
{
    if (!edit->typing && !edit->pasting) {
        keep_undo(edit);
    }
    (void)replace(edit, edit->cursor, edit->cursor, text, size);
}

static void
erase(sb_edit *edit, size_t begin, size_t end, bool keep)
{
    if (begin == end) {
        return;
    }
    keep_undo(edit);
    if (keep) {
        free(edit->killed);
        edit->killed = strndup(edit->text + begin, end - begin);
    }
    (void)replace(edit, begin, end, "", 0);
}

static void
insert_point(sb_edit *edit, uint32_t point)
{
    char bytes[4];
    size_t size = 0;
    if (point < 0x80) {
        bytes[size++] = (char)point;
    } else if (point < 0x800) {
        bytes[size++] = (char)(0xc0 | point >> 6);
    } else if (point < 0x10000) {
        bytes[size++] = (char)(0xe0 | point >> 12);
        bytes[size++] = (char)(0x80 | (point >> 6 & 0x3f));
    } else {
        bytes[size++] = (char)(0xf0 | point >> 18);
        bytes[size++] = (char)(0x80 | (point >> 12 & 0x3f));
        bytes[size++] = (char)(0x80 | (point >> 6 & 0x3f));
    }
    if (point >= 0x80) {
        bytes[size++] = (char)(0x80 | (point & 0x3f));
    }
    insert(edit, bytes, size);
}

/* ---- places ---- */

static size_t
line_begin(const sb_edit *edit, size_t at)
{
    while (at > 0 && edit->text[at - 1] != '\n') {
        at--;
    }
    return at;
}

static size_t
line_end(const sb_edit *edit, size_t at)
{
    while (at < edit->size && edit->text[at] != '\n') {
        at++;
    }
    return at;
}

static size_t
after(const sb_edit *edit, size_t at)
{
    if (at < edit->size) {
        (void)sb_point_next(edit->text, edit->size, &at);
    }
    return at;
}

static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static size_t
word_left(const sb_edit *edit, size_t at)
{
    while (at > 0 && !is_word(edit->text[at - 1])) {
        at--;
    }
    while (at > 0 && is_word(edit->text[at - 1])) {
        at--;
    }
    return at;
}

static size_t
word_right(const sb_edit *edit, size_t at)
{
    while (at < edit->size && !is_word(edit->text[at])) {
        at++;
    }
    while (at < edit->size && is_word(edit->text[at])) {
        at++;
    }
    return at;
}

static int32_t
columns_between(const sb_edit *edit, size_t begin, size_t end)
{
    int32_t columns = 0;
    while (begin < end) {
        columns += sb_point_width(sb_point_next(edit->text, end, &begin));
    }
    return columns;
}

/* Into the same column of the line above or below. */
static void
move_line(sb_edit *edit, bool up)
{
    size_t begin = line_begin(edit, edit->cursor), end = line_end(edit, edit->cursor);
    int32_t want = columns_between(edit, begin, edit->cursor), have = 0;
    size_t at = up ? line_begin(edit, begin - 1) : end + 1;
    size_t last = line_end(edit, at);
    while (at < last) {
        size_t next = at;
        have += sb_point_width(sb_point_next(edit->text, last, &next));
        if (have > want) {
            break;
        }
        at = next;
    }
    edit->cursor = at;
}

/* ---- history ---- */

static void
show_entry(sb_edit *edit, long entry)
{
    long count = (long)edit->history->count;
    if (entry < 0 || entry > count) {
        return;
    }
    if (edit->entry == count) {
        free(edit->draft);
        edit->draft = strdup(edit->text);
    }
    const char *text =
        entry == count ? (edit->draft ? edit->draft : "") : edit->history->entries[entry];
    drop_undo(edit);
    sb_edit_set(edit, text, strlen(text));
    edit->entry = entry;
}

static void
move_up(sb_edit *edit)
{
    if (line_begin(edit, edit->cursor) > 0) {
        move_line(edit, true);
    } else {
        show_entry(edit, edit->entry - 1);
    }
}

static void
move_down(sb_edit *edit)
{
    if (line_end(edit, edit->cursor) < edit->size) {
        move_line(edit, false);
    } else {
        show_entry(edit, edit->entry + 1);
    }
}

static void
search_again(sb_edit *edit, long before)
{
    long found = *edit->search ? sb_history_find(edit->history, before, edit->search) : -1;
    if (found >= 0) {
        edit->found = found;
        show_entry(edit, found);
        edit->cursor = (size_t)(strstr(edit->text, edit->search) - edit->text);
    }
}

/* True: the key belonged to the search. */
static bool
search_key(sb_edit *edit, sb_key key)
{
    size_t size = strlen(edit->search);
    if (key.code == SB_KEY_CTRL && key.point == 'r') {
        search_again(edit, edit->found >= 0 ? edit->found : (long)edit->history->count);
        return true;
    }
    if (key.code == SB_KEY_CTRL && (key.point == 'g' || key.point == 'c')) {
        edit->searching = false;
        show_entry(edit, (long)edit->history->count);
        return true;
    }
    if (key.code == SB_KEY_BACKSPACE && size > 0) {
        edit->search[sb_point_before(edit->search, size)] = '\0';
        search_again(edit, (long)edit->history->count);
        return true;
    }
    if (key.code == SB_KEY_CHAR && !key.alt && key.point < 0x80 && size + 1 < sizeof edit->search) {
        edit->search[size] = (char)key.point;
        edit->search[size + 1] = '\0';
        search_again(edit, edit->found >= 0 ? edit->found + 1 : (long)edit->history->count);
        return true;
    }
    edit->searching = false; /* and the key does what it does */
    return false;
}

/* ---- completion ---- */

static size_t
common_prefix(const sb_words *words)
{
    size_t size = strlen(words->at[0]);
    for (size_t i = 1; i < words->count; i++) {
        size_t same = 0;
        while (same < size && tolower((unsigned char)words->at[0][same]) ==
                                  tolower((unsigned char)words->at[i][same])) {
            same++;
        }
        size = same;
    }
    return size;
}

/* Behind the only word that fits: the quote that it began with, or a space at the end of the
 * text. */
static void
end_word(sb_edit *edit, size_t begin)
{
    char before = begin > 0 ? edit->text[begin - 1] : '\0', last = edit->text[edit->cursor - 1];
    bool quoted = (before == '\'' || before == '`') && last != before;
    if (edit->cursor < edit->size) {
        return;
    }
    if (quoted) {
        (void)replace(edit, edit->cursor, edit->cursor, &before, 1);
    } else if (last != '(' && last != '.' && last != '/') {
        (void)replace(edit, edit->cursor, edit->cursor, " ", 1);
    }
}

static void
complete(sb_edit *edit)
{
    sb_words_clear(&edit->words);
    if (!edit->host->words) {
        return;
    }
    edit->host->words(edit->host->ctx, edit->text, edit->size, edit->cursor, &edit->words);
    sb_words *words = &edit->words;
    if (words->count == 0 || words->begin > edit->cursor) {
        return;
    }
    size_t typed = edit->cursor - words->begin, size = common_prefix(words);
    if (words->count == 1) {
        size = strlen(words->at[0]);
    }
    if (size > typed || words->count == 1) {
        keep_undo(edit);
        (void)replace(edit, words->begin, edit->cursor, words->at[0], size);
        if (words->count == 1) {
            end_word(edit, words->begin);
        }
        return;
    }
    edit->show_words = true;
}

/* ---- keys ---- */

static sb_edit_state
enter(sb_edit *edit, bool force_line)
{
    if (!force_line && !edit->pasting &&
        edit->host->is_whole(edit->host->ctx, edit->text, edit->size)) {
        edit->cursor = edit->size;
        return SB_EDIT_DONE;
    }
    insert(edit, "\n", 1);
    return SB_EDIT_GOES_ON;
}

static void
transpose(sb_edit *edit)
{
    size_t at =
        edit->cursor == edit->size ? sb_point_before(edit->text, edit->cursor) : edit->cursor;
    size_t before = sb_point_before(edit->text, at), behind = after(edit, at);
    if (before == at || behind == at) {
        return;
    }
    keep_undo(edit);
    char bytes[8];
    size_t first = behind - at, second = at - before;
    memcpy(bytes, edit->text + at, first);
    memcpy(bytes + first, edit->text + before, second);
    (void)replace(edit, before, behind, bytes, first + second);
}

static sb_edit_state
ctrl_key(sb_edit *edit, uint32_t letter)
{
    switch (letter) {
    case 'a': edit->cursor = line_begin(edit, edit->cursor); break;
    case 'b': edit->cursor = sb_point_before(edit->text, edit->cursor); break;
    case 'c': return SB_EDIT_CANCELLED;
    case 'd':
        if (edit->size == 0) {
            return SB_EDIT_END;
        }
        erase(edit, edit->cursor, after(edit, edit->cursor), false);
        break;
    case 'e': edit->cursor = line_end(edit, edit->cursor); break;
    case 'f': edit->cursor = after(edit, edit->cursor); break;
    case 'j': return enter(edit, false);
    case 'k': {
        size_t end = line_end(edit, edit->cursor);
        erase(edit, edit->cursor, end == edit->cursor ? after(edit, end) : end, true);
        break;
    }
    case 'l': return SB_EDIT_CLEAR;
    case 'n': move_down(edit); break;
    case 'p': move_up(edit); break;
    case 'r':
        edit->searching = true;
        edit->search[0] = '\0';
        edit->found = -1;
        break;
    case 't': transpose(edit); break;
    case 'u': erase(edit, line_begin(edit, edit->cursor), edit->cursor, true); break;
    case 'w': {
        size_t begin = edit->cursor;
        while (begin > 0 && isspace((unsigned char)edit->text[begin - 1])) {
            begin--;
        }
        while (begin > 0 && !isspace((unsigned char)edit->text[begin - 1])) {
            begin--;
        }
        erase(edit, begin, edit->cursor, true);
        break;
    }
    case 'y':
        if (edit->killed) {
            insert(edit, edit->killed, strlen(edit->killed));
        }
        break;
    case '_': undo(edit); break;
    default: break;
    }
    return SB_EDIT_GOES_ON;
}

static void
alt_key(sb_edit *edit, uint32_t letter)
{
    switch (letter) {
    case 'b': edit->cursor = word_left(edit, edit->cursor); break;
    case 'f': edit->cursor = word_right(edit, edit->cursor); break;
    case 'd': erase(edit, edit->cursor, word_right(edit, edit->cursor), true); break;
    case '<': edit->cursor = 0; break;
    case '>': edit->cursor = edit->size; break;
    default: break;
    }
}

static void
move_key(sb_edit *edit, sb_key_code code)
{
    switch (code) {
    case SB_KEY_UP: move_up(edit); break;
    case SB_KEY_DOWN: move_down(edit); break;
    case SB_KEY_LEFT: edit->cursor = sb_point_before(edit->text, edit->cursor); break;
    case SB_KEY_RIGHT: edit->cursor = after(edit, edit->cursor); break;
    case SB_KEY_WORD_LEFT: edit->cursor = word_left(edit, edit->cursor); break;
    case SB_KEY_WORD_RIGHT: edit->cursor = word_right(edit, edit->cursor); break;
    case SB_KEY_HOME: edit->cursor = line_begin(edit, edit->cursor); break;
    case SB_KEY_END: edit->cursor = line_end(edit, edit->cursor); break;
    case SB_KEY_PAGE_UP: show_entry(edit, 0); break;
    case SB_KEY_PAGE_DOWN: show_entry(edit, (long)edit->history->count); break;
    default: break;
    }
}

static sb_edit_state
do_key(sb_edit *edit, sb_key key)
{
    switch (key.code) {
    case SB_KEY_CHAR:
        if (key.alt) {
            alt_key(edit, key.point);
        } else {
            insert_point(edit, key.point);
        }
        return SB_EDIT_GOES_ON;
    case SB_KEY_CTRL: return ctrl_key(edit, key.point);
    case SB_KEY_ENTER: return enter(edit, key.alt);
    case SB_KEY_TAB:
        if (edit->pasting) {
            insert(edit, "    ", 4);
        } else {
            complete(edit);
        }
        return SB_EDIT_GOES_ON;
    case SB_KEY_BACKSPACE:
        erase(edit,
              key.alt ? word_left(edit, edit->cursor) : sb_point_before(edit->text, edit->cursor),
              edit->cursor, key.alt);
        return SB_EDIT_GOES_ON;
    case SB_KEY_DELETE:
        erase(edit, edit->cursor, after(edit, edit->cursor), false);
        return SB_EDIT_GOES_ON;
    case SB_KEY_PASTE_BEGIN:
        keep_undo(edit);
        edit->pasting = true;
        return SB_EDIT_GOES_ON;
    case SB_KEY_PASTE_END: edit->pasting = false; return SB_EDIT_GOES_ON;
    case SB_KEY_END_OF_INPUT: return SB_EDIT_END;
    default: move_key(edit, key.code); return SB_EDIT_GOES_ON;
    }
}

sb_edit_state
sb_edit_key(sb_edit *edit, sb_key key)
{
    if (key.code == SB_KEY_NONE || key.code == SB_KEY_RESIZE) {
        return SB_EDIT_GOES_ON;
    }
    edit->show_words = false;
    if (edit->pasting && key.code == SB_KEY_CTRL && key.point == 'j') {
        key.code = SB_KEY_ENTER;
    }
    if (edit->searching && search_key(edit, key)) {
        return SB_EDIT_GOES_ON;
    }
    sb_edit_state state = do_key(edit, key);
    edit->typing = key.code == SB_KEY_CHAR && !key.alt && key.point != ' ';
    return state;
}
