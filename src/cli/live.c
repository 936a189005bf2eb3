/*
 * cli/live.c -- a result without an end on a terminal: the table as it stands, drawn anew some
 * times a second, with a line about the job below it.
 *
 * DESIGN     The table is drawn over itself: up to its first line, erase, print. Only as many rows
 *            as the terminal has lines; at the end the whole table is printed once, as any other.
 *            Keys: q stops, p holds the picture (rows still come in).
 * THREADS    the main thread
 */
#include <stdlib.h>
#include <string.h>

#include "cli/show.h"

enum { DRAW_MS = 200, FOOT_MS = 1000, FRAME_LINES = 5, ROWS_MIN = 3 };

typedef struct live {
    sb_show *show;
    sb_printer *printer;
    sabot_job *job;
    int drawn; /* lines on the screen */
    bool paused;
    bool changed; /* since the last picture */
    int64_t drawn_ms, rate_ms, rate_rows, began_ms;
    double rate;
    int64_t changes;
} live;

static void
measure_rate(live *l, const sabot_job_info *info)
{
    int64_t now = sb_cli_now_ms();
    if (now - l->rate_ms >= 1000) {
        l->rate = (double)(info->source_rows - l->rate_rows) * 1000 / (double)(now - l->rate_ms);
        l->rate_ms = now;
        l->rate_rows = info->source_rows;
    }
}

static void
print_foot(live *l, FILE *to, int columns)
{
    sabot_job_info info = {.struct_size = sizeof info};
    sabot_job_get_info(l->job, &info);
    measure_rate(l, &info);
    char rate[32], changes[32], text[256];
    sb_cli_short_count(rate, sizeof rate, l->rate);
    sb_cli_short_count(changes, sizeof changes, (double)l->changes);
    snprintf(
        text, sizeof text,
        "%lld rows · %s changes · %s rows/s in · state %.1f MB%s · "
        "q stop  p %s",
        (long long)sb_final_count(l->printer->final), changes, rate, (double)info.state_bytes / 1e6,
        info.state == SABOT_JOB_RESTARTING ? " · restarting" : "", l->paused ? "go on" : "pause");
    fputs(l->printer->options->colours ? "\033[2m" : "", to);
    int32_t width = sb_text_columns(text);
    sb_print_cell(to, text, width < columns - 1 ? width : columns - 1, false);
    fputs(l->printer->options->colours ? "\033[0m\r\n" : "\r\n", to);
}

static int
count_lines(const char *bytes, size_t size)
{
    int lines = 0;
    for (size_t i = 0; i < size; i++) {
        lines += bytes[i] == '\n';
    }
    return lines;
}

static void
erase(live *l)
{
    char text[32];
    if (l->drawn > 0) {
        snprintf(text, sizeof text, "\033[%dA\r\033[J", l->drawn);
        (void)sb_term_write(l->show->term, text, strlen(text));
        l->drawn = 0;
    }
}

/* Rows of the table that fit. */
static int64_t
table_rows(void)
{
    int columns, rows;
    sb_term_size(1, &columns, &rows);
    return rows - FRAME_LINES - 2 < ROWS_MIN ? ROWS_MIN : rows - FRAME_LINES - 2;
}

static void
draw(live *l)
{
    char *bytes = NULL;
    size_t size = 0;
    int columns, rows;
    FILE *to = open_memstream(&bytes, &size);
    if (!to) {
        return;
    }
    sb_term_size(1, &columns, &rows);
    const sb_print_options *own = l->printer->options;
    sb_print_options options = *own;
    options.columns = columns; /* of now: the window may have changed */
    l->printer->options = &options;
    if (l->drawn > 0) {
        fprintf(to, "\033[%dA\r\033[J", l->drawn);
    }
    sb_print_table_part(l->printer, to, table_rows());
    l->printer->options = own;
    print_foot(l, to, columns);
    if (fclose(to) == 0) {
        l->drawn = count_lines(bytes, size);
        l->printer->failed = l->printer->failed || !sb_term_write(l->show->term, bytes, size);
    }
    free(bytes);
    l->drawn_ms = sb_cli_now_ms();
    l->changed = false;
}

/* Keys that wait. False: stop. */
static bool
take_keys(live *l)
{
    for (;;) {
        sb_key key = sb_term_key(l->show->term, 0);
        switch (key.code) {
        case SB_KEY_NONE: return true;
        case SB_KEY_END_OF_INPUT: return false;
        case SB_KEY_RESIZE: l->changed = true; break;
        case SB_KEY_CHAR:
            if (key.point == 'q' || key.point == 'Q') {
                return false;
            }
            if (key.point == 'p' || key.point == 'P') {
                l->paused = !l->paused;
                draw(l);
            }
            break;
        default: break;
        }
    }
}

/* Until the end. Returns the exit code. */
static int
watch(live *l)
{
    for (;;) {
        sabot_rows *rows = NULL;
        sabot_error *error = NULL;
        sabot_status status = sabot_result_fetch(l->printer->result, DRAW_MS / 2, &rows, &error);
        if (status != SABOT_OK && status != SABOT_TIMEOUT) {
            erase(l);
            sb_term_cooked(l->show->term);
            sb_cli_print_error(error);
            return SB_EXIT_ERROR;
        }
        if (rows) {
            l->changes += sabot_rows_count(rows);
            sb_printer_rows(l->printer, rows);
            sabot_rows_free(rows);
            l->changed = true;
        } else if (status == SABOT_OK) {
            return SB_EXIT_OK;
        }
        bool stopped = !take_keys(l);
        if (stopped || l->printer->failed || sb_cli_interrupted()) {
            sabot_job_cancel(l->job);
            return l->printer->failed ? SB_EXIT_ERROR : stopped ? SB_EXIT_OK : SB_EXIT_INTERRUPTED;
        }
        int64_t age_ms = sb_cli_now_ms() - l->drawn_ms;
        if (!l->paused && age_ms >= (l->changed ? DRAW_MS : FOOT_MS)) {
            draw(l);
        }
    }
}

/* What stays on the screen. */
static void
print_last(live *l)
{
    int64_t rows = sb_final_count(l->printer->final), room = table_rows();
    sb_print_table_part(l->printer, stdout, room);
    if (rows > room) {
        printf("%lld of %lld rows\n", (long long)room, (long long)rows);
    } else {
        printf("%lld row%s\n", (long long)rows, rows == 1 ? "" : "s");
    }
    l->printer->failed = fflush(stdout) != 0;
}

int
sb_show_live(sb_show *show, sb_printer *printer)
{
    live l = {.show = show, .printer = printer, .job = sabot_result_job(printer->result)};
    l.began_ms = l.rate_ms = sb_cli_now_ms();
    sb_term_raw(show->term, true);
    int code = watch(&l);
    if (code != SB_EXIT_ERROR) {
        erase(&l);
    }
    sb_term_cooked(show->term);
    if (code != SB_EXIT_ERROR) {
        print_last(&l);
    }
    return code;
}
