/*
 * base/os/sim.h -- the simulated operating system: virtual clock, files in memory with crash loss,
 * faults by seed.
 *
 * DESIGN     Every file has durable and volatile bytes; every folder durable and volatile names.
 *            sb_os_sim_crash() throws the volatile part away (or keeps a random prefix of it: torn
 *            writes). Faults are drawn from the seed and can be counted per (fault, step): the step
 *            is a label set by the driver.
 * THREADS    single-threaded.
 */
#ifndef SB_BASE_OS_SIM_H
#define SB_BASE_OS_SIM_H

#include "base/os/os.h"

/* Kinds of faults, by name: write_fails, write_torn, sync_fails (also sync_dir), rename_fails (also
 * link_new), read_fails (also map), disk_full, crash_lost (a file lost bytes in a crash),
 * crash_torn (it kept a part of them), crash_names (a folder lost names). */
typedef struct sb_sim_faults { /* chances in 1/65536 per call */
    uint32_t write_fails;      /* write returns IO, nothing written */
    uint32_t write_torn;       /* write stores a prefix, then returns IO */
    uint32_t sync_fails;
    uint32_t rename_fails;
    uint32_t read_fails;
    uint32_t disk_full_after; /* bytes; 0: never */
} sb_sim_faults;

sb_os *sb_os_sim_new(uint64_t seed);
void sb_os_sim_free(sb_os *os);
void sb_os_sim_set_faults(sb_os *os, const sb_sim_faults *faults);
void sb_os_sim_advance(sb_os *os, int64_t ns); /* the clock moves only here */
/* Crash: open files are closed, unsynced data and names are lost, or torn: per file a random
 * prefix of it survives. Locks are released. */
void sb_os_sim_crash(sb_os *os);
/* Number of faults that were injected since the start, by kind name ("write_torn"). */
int64_t sb_os_sim_count(sb_os *os, const char *fault);
/* Labels what the program is doing, so that faults can be counted per step. At most 64 labels;
 * the text is copied. */
void sb_os_sim_set_step(sb_os *os, const char *step);
int64_t sb_os_sim_count_at(sb_os *os, const char *fault, const char *step);
/* Mutant switch: sync does nothing (a protection switched off). */
void sb_os_sim_lie_about_sync(sb_os *os, bool lie);

#endif
