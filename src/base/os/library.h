/*
 * base/os/library.h -- shared libraries that are loaded while the program runs: the user's, and
 * those of the system that only some jobs need.
 *
 * OWNERSHIP  A library stays loaded until the process ends: what came out of it may be in use
 *            anywhere.
 * THREADS    T:any
 */
#ifndef SB_BASE_OS_LIBRARY_H
#define SB_BASE_OS_LIBRARY_H

#include "base/status.h"

/* Loads it, or takes the one that is loaded. `path` is a path, relative ones from the current
 * folder: nothing is searched. NOT_FOUND: no such file; INVALID: it cannot be loaded, and why. */
sb_status sb_library_open(const char *path, void **out, sb_error *err);
/* The same by its name, which the system's loader searches ("librdkafka.so.1"). NOT_FOUND: it is
 * nowhere, or something that it needs is not. */
sb_status sb_library_find(const char *name, void **out, sb_error *err);
/* NULL: it exports no such symbol. */
void *sb_library_symbol(void *library, const char *name);

#endif
