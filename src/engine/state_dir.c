/*
 * engine/state_dir.c -- the state directory: one folder of checkpoints per job of a script, and an
 * id that stays.
 *
 * DESIGN     <root>/sabot-state   one line: the id of the directory (16 hex digits), made once
 *            <root>/job-<n>/      checkpoints of the n-th job (INSERT or statement set) of the
 * script A job's id is <id>-<n>; sinks put it into file names, so it must be the same after a
 * restart. THREADS    T:any
 */
#include <stdio.h>
#include <string.h>

#include "engine/engine_priv.h"

#define ID_FILE "sabot-state"

enum { ID_SIZE = 16 };

static sb_status
read_id(sb_os *os, sb_mem *mem, const char *path, char out[ID_SIZE + 1], sb_error *err)
{
    sb_text text;
    sb_text_init(&text, mem);
    sb_status status = sb_os_read_file(os, path, &text, err);
    if (status == SB_OK &&
        (text.size < ID_SIZE || strspn(text.data, "0123456789abcdef") < ID_SIZE)) {
        status = sb_error_set(err, SB_STATUS_CORRUPT, __FILE__, __LINE__,
                              "file \"%s\" holds no id of a state directory", path);
    }
    if (status == SB_OK) {
        memcpy(out, text.data, ID_SIZE);
        out[ID_SIZE] = '\0';
    }
    sb_text_deinit(&text);
    return status;
}

static sb_status
make_id(sb_os *os, sb_mem *mem, const char *root, const char *path, char out[ID_SIZE + 1],
        sb_error *err)
{
    sb_dir_list list;
    SB_TRY(os->list(os, root, mem, &list, err), err);
    int32_t count = 0;
    for (int32_t i = 0; i < list.count; i++) { /* what a crash left of the id is no content */
        count += strncmp(list.entries[i].name, ID_FILE, strlen(ID_FILE)) != 0;
    }
    os->list_free(os, mem, &list);
    if (count > 0) {
        sb_error_set(err, SB_STATUS_CONFLICT, __FILE__, __LINE__,
                     "folder \"%s\" is not empty and is no state directory", root);
        sb_error_hint(err, "give a new or empty folder");
        return SB_STATUS_CONFLICT;
    }
    char line[ID_SIZE + 2];
    snprintf(line, sizeof line, "%016llx\n", (unsigned long long)os->random(os));
    SB_TRY(sb_os_publish_file(os, path, line, ID_SIZE + 1, err), err);
    return read_id(os, mem, path, out, err);
}

sb_status
sb_state_dir_prepare(sb_os *os, sb_mem *mem, const char *root, int32_t ordinal, char **out_folder,
                     char out_id[48], sb_error *err)
{
    sb_text path;
    sb_file_info info;
    char id[ID_SIZE + 1];
    sb_text_init(&path, mem);
    sb_text_printf(&path, "%s/" ID_FILE, root);
    sb_status status = sb_text_failed(&path)
                           ? sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                           : os->mkdirs(os, root, err);
    if (status == SB_OK) {
        sb_error ignored;
        status = os->stat(os, path.data, &info, &ignored) == SB_OK
                     ? read_id(os, mem, path.data, id, err)
                     : make_id(os, mem, root, path.data, id, err);
    }
    if (status == SB_OK) {
        snprintf(out_id, 48, "%s-%d", id, (int)ordinal);
        sb_text_clear(&path);
        sb_text_printf(&path, "%s/job-%d", root, (int)ordinal);
        *out_folder = sb_text_failed(&path) ? NULL : sb_engine_strdup(mem, path.data);
        status = *out_folder
                     ? SB_OK
                     : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    sb_text_deinit(&path);
    return status;
}

sb_status
sb_state_dir_temporary(sb_os *os, sb_mem *mem, char **out_root, sb_error *err)
{
    const char *parent = sb_env("TMPDIR");
    char name[64];
    sb_text path;
    snprintf(name, sizeof name, "sabot-%016llx", (unsigned long long)os->random(os));
    sb_text_init(&path, mem);
    sb_text_printf(&path, "%s/%s", parent && *parent ? parent : "/tmp", name);
    char *root = sb_text_failed(&path) ? NULL : sb_engine_strdup(mem, path.data);
    sb_text_deinit(&path);
    if (!root) {
        SB_NOMEM(err);
    }
    sb_status status = os->mkdirs(os, root, err);
    if (status != SB_OK) {
        sb_engine_strfree(mem, root);
        return status;
    }
    *out_root = root;
    return SB_OK;
}

static void
remove_tree(sb_os *os, sb_mem *mem, sb_text *path, int depth)
{
    sb_dir_list list;
    sb_error ignored;
    size_t size = path->size;
    if (depth > 8 || os->list(os, path->data, mem, &list, &ignored) != SB_OK) {
        return;
    }
    for (int32_t i = 0; i < list.count; i++) {
        sb_text_printf(path, "/%s", list.entries[i].name);
        if (sb_text_failed(path)) {
            break;
        }
        if (list.entries[i].is_dir) {
            remove_tree(os, mem, path, depth + 1);
        } else {
            (void)os->remove(os, path->data, &ignored);
        }
        path->size = size;
        path->data[size] = '\0';
    }
    os->list_free(os, mem, &list);
    (void)os->remove(os, path->data, &ignored);
}

void
sb_state_dir_remove(sb_os *os, sb_mem *mem, const char *root)
{
    sb_text path;
    sb_text_init(&path, mem);
    sb_text_add(&path, root);
    if (!sb_text_failed(&path)) {
        remove_tree(os, mem, &path, 0);
    }
    sb_text_deinit(&path);
}

void
sb_state_dir_free(sb_mem *mem, char *folder)
{
    sb_engine_strfree(mem, folder);
}
