/*
 * cli/progress.c -- one line on a terminal's stderr that says how far a job is.
 *
 * THREADS    the main thread
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

enum { FIRST_MS = 500, EVERY_MS = 200 };

#define LAG_MAX_MS (INT64_C(7) * 86400 * 1000)

int64_t
sb_cli_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
sb_progress_begin(sb_progress *progress, bool bounded)
{
    const char *term = getenv("TERM");
    *progress = (sb_progress){.on = isatty(2) && !(term && strcmp(term, "dumb") == 0)};
    progress->bounded = bounded;
    progress->bytes_first = -1;
    progress->began_ms = progress->printed_ms = sb_cli_now_ms();
}

void
sb_cli_short_count(char *out, size_t size, double value)
{
    if (value >= 1e6) {
        snprintf(out, size, "%.2fM", value / 1e6);
    } else if (value >= 1e4) {
        snprintf(out, size, "%.1fk", value / 1e3);
    } else {
        snprintf(out, size, "%.0f", value);
    }
}

void
sb_cli_full_count(char *out, size_t size, int64_t value)
{
    char digits[24];
    size_t at = 0;
    int count = snprintf(digits, sizeof digits, "%lld", (long long)value);
    for (int i = 0; i < count && at + 2 < size; i++) {
        if (i > 0 && (count - i) % 3 == 0) {
            out[at++] = ',';
        }
        out[at++] = digits[i];
    }
    out[at] = '\0';
}

/* Records of topics that wait to be read. */
static void
show_pending(sb_progress *progress, int64_t records)
{
    char text[32];
    progress->was_behind |= records > 0;
    if (progress->was_behind) {
        sb_cli_full_count(text, sizeof text, records > 0 ? records : 0);
        fprintf(stderr, ", lag %s record%s", text, records == 1 ? "" : "s");
    }
}

/* Bytes of files, and when they will have been read: at the speed since the beginning. */
static void
show_bytes(sb_progress *progress, const sabot_job_info *info, int64_t now)
{
    if (info->bytes_found <= 0) {
        return;
    }
    if (progress->bytes_first < 0) {
        progress->bytes_first = info->restored ? info->bytes_read : 0;
    }
    fprintf(stderr, ", %.1f of %.1f MB", (double)info->bytes_read / 1e6,
            (double)info->bytes_found / 1e6);
    double per_ms =
        (double)(info->bytes_read - progress->bytes_first) / (double)(now - progress->began_ms + 1);
    if (progress->bounded && per_ms > 0) {
        double left_s = (double)(info->bytes_found - info->bytes_read) / per_ms / 1000;
        fprintf(stderr, left_s < 120 ? ", %.0f s left" : ", %.0f min left",
                left_s < 120 ? left_s : left_s / 60);
    }
}

/* How far event time is behind the clock, where it is the time of our days at all. */
static void
show_lag(int64_t watermark_ms)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (watermark_ms <= 0) {
        return; /* there is none */
    }
    int64_t lag_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - watermark_ms;
    if (lag_ms < 0 || lag_ms > LAG_MAX_MS) {
        return;
    }
    if (lag_ms < 120000) {
        fprintf(stderr, ", watermark %.1f s behind", (double)lag_ms / 1000);
    } else {
        fprintf(stderr, ", watermark %lld min behind", (long long)(lag_ms / 60000));
    }
}

void
sb_progress_show(sb_progress *progress, sabot_job *job)
{
    int64_t now = sb_cli_now_ms();
    if (!progress->on || now - progress->began_ms < FIRST_MS ||
        now - progress->printed_ms < EVERY_MS) {
        return;
    }
    sabot_job_info info = {.struct_size = sizeof info};
    sabot_job_get_info(job, &info);
    char in[32], out[32], rate[32];
    double seconds = (double)(now - progress->printed_ms) / 1000;
    sb_cli_short_count(in, sizeof in, (double)info.source_rows);
    sb_cli_short_count(out, sizeof out, (double)info.sink_rows);
    sb_cli_short_count(rate, sizeof rate,
                       (double)(info.source_rows - progress->rows_before) / seconds);
    fprintf(stderr, "\r\033[K%s rows in, %s rows out, %s rows/s, state %.1f MB", in, out, rate,
            (double)info.state_bytes / 1e6);
    if (info.last_checkpoint > 0) {
        fprintf(stderr, ", checkpoint %llu", (unsigned long long)info.last_checkpoint);
    }
    show_bytes(progress, &info, now);
    show_pending(progress, info.pending_records);
    show_lag(info.watermark_ms);
    if (info.state == SABOT_JOB_RESTARTING) {
        fputs(", restarting", stderr);
    }
    fflush(stderr);
    progress->printed_ms = now;
    progress->rows_before = info.source_rows;
    progress->shown = true;
}

void
sb_progress_end(sb_progress *progress)
{
    if (progress->shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        progress->shown = false;
    }
}
