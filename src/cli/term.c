/*
 * cli/term.c -- raw mode, size and keys of a terminal.
 *
 * THREADS    the main thread; the handler of SIGWINCH sets a flag.
 */
#include "cli/term.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { ESCAPE_WAIT_MS = 40 }; /* how long the rest of an escape sequence may take */

static volatile sig_atomic_t resized;

static void
on_resize(int number)
{
    (void)number;
    resized = 1;
}

bool
sb_term_open(sb_term *term, int in, int out)
{
    *term = (sb_term){.in = in, .out = out};
    const char *kind = getenv("TERM");
    if (!isatty(in) || !isatty(out) || !kind || strcmp(kind, "dumb") == 0 ||
        tcgetattr(in, &term->saved) != 0) {
        return false;
    }
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_resize; /* without SA_RESTART: it ends the wait for a key */
    sigemptyset(&action.sa_mask);
    return sigaction(SIGWINCH, &action, NULL) == 0;
}

void
sb_term_close(sb_term *term)
{
    sb_term_cooked(term);
}

void
sb_term_raw(sb_term *term, bool signals)
{
    struct termios mode = term->saved;
    mode.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
    mode.c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN);
    if (!signals) {
        mode.c_lflag &= ~(tcflag_t)ISIG;
    }
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    if (tcsetattr(term->in, TCSADRAIN, &mode) == 0) {
        term->raw = true;
        (void)sb_term_write(term, "\033[?2004h", 8);
    }
}

void
sb_term_cooked(sb_term *term)
{
    if (term->raw) {
        (void)sb_term_write(term, "\033[?2004l", 8);
        (void)tcsetattr(term->in, TCSADRAIN, &term->saved);
        term->raw = false;
    }
}

void
sb_term_size(int out, int *out_columns, int *out_rows)
{
    struct winsize size;
    bool known = ioctl(out, TIOCGWINSZ, &size) == 0;
    *out_columns = known && size.ws_col > 0 ? size.ws_col : 80;
    *out_rows = known && size.ws_row > 0 ? size.ws_row : 24;
}

bool
sb_term_write(const sb_term *term, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t done = write(term->out, bytes, size);
        if (done < 0 && errno != EINTR && errno != EAGAIN) {
            return false;
        }
        if (done > 0) {
            bytes += done;
            size -= (size_t)done;
        }
    }
    return true;
}

/* The next byte; -1: none in time, -2: the end, -3: resized. */
static int
next_byte(sb_term *term, int timeout_ms)
{
    if (term->at < term->have) {
        return term->bytes[term->at++];
    }
    if (resized) {
        resized = 0;
        return -3;
    }
    struct pollfd wait = {.fd = term->in, .events = POLLIN};
    int ready = poll(&wait, 1, timeout_ms);
    if (ready < 0 && errno == EINTR) {
        int was = resized;
        resized = 0;
        return was ? -3 : -1;
    }
    if (ready <= 0) {
        return ready == 0 ? -1 : -2;
    }
    ssize_t got = read(term->in, term->bytes, sizeof term->bytes);
    if (got < 0 && errno == EINTR) {
        return -1;
    }
    if (got <= 0) {
        return -2;
    }
    term->at = 1;
    term->have = (int)got;
    return term->bytes[0];
}

typedef struct sequence {
    const char *text; /* behind ESC */
    sb_key_code code;
} sequence;

static const sequence sequences[] = {
    {"[A", SB_KEY_UP},
    {"[B", SB_KEY_DOWN},
    {"[C", SB_KEY_RIGHT},
    {"[D", SB_KEY_LEFT},
    {"OA", SB_KEY_UP},
    {"OB", SB_KEY_DOWN},
    {"OC", SB_KEY_RIGHT},
    {"OD", SB_KEY_LEFT},
    {"[H", SB_KEY_HOME},
    {"[F", SB_KEY_END},
    {"OH", SB_KEY_HOME},
    {"OF", SB_KEY_END},
    {"[1~", SB_KEY_HOME},
    {"[4~", SB_KEY_END},
    {"[7~", SB_KEY_HOME},
    {"[8~", SB_KEY_END},
    {"[3~", SB_KEY_DELETE},
    {"[5~", SB_KEY_PAGE_UP},
    {"[6~", SB_KEY_PAGE_DOWN},
    {"[1;5D", SB_KEY_WORD_LEFT},
    {"[1;5C", SB_KEY_WORD_RIGHT},
    {"[1;3D", SB_KEY_WORD_LEFT},
    {"[1;3C", SB_KEY_WORD_RIGHT},
    {"[Z", SB_KEY_BACK_TAB},
    {"[200~", SB_KEY_PASTE_BEGIN},
    {"[201~", SB_KEY_PASTE_END},
};

/* Behind ESC. */
static sb_key
escape_key(sb_term *term)
{
    char text[16];
    size_t size = 0;
    int byte = next_byte(term, ESCAPE_WAIT_MS);
    if (byte < 0) {
        return (sb_key){.code = SB_KEY_ESCAPE};
    }
    if (byte != '[' && byte != 'O') {
        return byte == 127 || byte == 8 ? (sb_key){.code = SB_KEY_BACKSPACE, .alt = true}
               : byte == '\r'           ? (sb_key){.code = SB_KEY_ENTER, .alt = true}
                                        : (sb_key){SB_KEY_CHAR, true, (uint32_t)byte};
    }
    text[size++] = (char)byte;
    do { /* to the final byte of the sequence */
        byte = next_byte(term, ESCAPE_WAIT_MS);
        if (byte >= 0 && size < sizeof text - 1) {
            text[size++] = (char)byte;
        }
    } while (byte >= 0 && (byte < 0x40 || byte > 0x7e));
    text[size] = '\0';
    for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++) {
        if (strcmp(text, sequences[i].text) == 0) {
            return (sb_key){.code = sequences[i].code};
        }
    }
    return (sb_key){.code = SB_KEY_NONE};
}

static sb_key
character_key(sb_term *term, int first)
{
    char bytes[4] = {(char)first};
    size_t size = 1, want = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    while (size < want) {
        int byte = next_byte(term, ESCAPE_WAIT_MS);
        if (byte < 0) {
            break;
        }
        bytes[size++] = (char)byte;
    }
    size_t at = 0;
    return (sb_key){SB_KEY_CHAR, false, sb_point_next(bytes, size, &at)};
}

sb_key
sb_term_key(sb_term *term, int timeout_ms)
{
    int byte = next_byte(term, timeout_ms);
    switch (byte) {
    case -1: return (sb_key){.code = SB_KEY_NONE};
    case -2: return (sb_key){.code = SB_KEY_END_OF_INPUT};
    case -3: return (sb_key){.code = SB_KEY_RESIZE};
    case 27: return escape_key(term);
    case '\r': return (sb_key){.code = SB_KEY_ENTER};
    case '\t': return (sb_key){.code = SB_KEY_TAB};
    case 8:
    case 127: return (sb_key){.code = SB_KEY_BACKSPACE};
    default: break;
    }
    if (byte < 32) { /* '\n' is Ctrl-J */
        return (sb_key){SB_KEY_CTRL, false, byte == 31 ? '_' : (uint32_t)('a' + byte - 1)};
    }
    return character_key(term, byte);
}
