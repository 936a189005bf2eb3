/*
 * base/os/os_library.c -- see library.h.
 *
 * THREADS    T:any
 */
#include "base/os/library.h"

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

sb_status
sb_library_open(const char *path, void **out, sb_error *err)
{
    sb_text place;
    if (access(path, R_OK) != 0) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "library '%.300s' not found", path);
    }
    sb_text_init(&place, sb_mem_root());
    sb_text_printf(&place, "%s%s", strchr(path, '/') ? "" : "./", path);
    void *library = sb_text_failed(&place) ? NULL : dlopen(place.data, RTLD_NOW | RTLD_LOCAL);
    bool failed = sb_text_failed(&place);
    sb_text_deinit(&place);
    if (failed) {
        SB_NOMEM(err);
    }
    if (!library) {
        const char *why = dlerror();
        SB_FAIL(err, SB_STATUS_INVALID, "library '%.300s' cannot be loaded: %.300s", path,
                why ? why : "no reason given");
    }
    *out = library;
    return SB_OK;
}

sb_status
sb_library_find(const char *name, void **out, sb_error *err)
{
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *why = dlerror();
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "library '%.300s' cannot be loaded: %.300s", name,
                why ? why : "no reason given");
    }
    *out = library;
    return SB_OK;
}

void *
sb_library_symbol(void *library, const char *name)
{
    return dlsym(library, name);
}
