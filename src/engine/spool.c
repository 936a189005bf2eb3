/*
 * engine/spool.c -- FROM '-': standard input as a file.
 *
 * DESIGN     A table is looked into before it is read, and may be read several times; standard
 *            input gives its bytes once. It is copied to its end into a file of its own, which goes
 *            with the engine.
 * THREADS    the engine's thread.
 */
#include "base/os/stdin.h"
#include "engine/engine_priv.h"

#define PIECE_BYTES (64 << 10)

static sb_status
copy_input(sb_os *os, sb_mem *mem, sb_file *file, sb_error *err)
{
    char *piece = sb_alloc(mem, PIECE_BYTES);
    size_t got = 1;
    sb_status status =
        piece ? SB_OK : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    while (status == SB_OK && got > 0) {
        status = sb_stdin_read(piece, PIECE_BYTES, &got, err);
        if (status == SB_OK && got > 0) {
            status = os->write(os, file, piece, got, err);
        }
    }
    sb_free(mem, piece, piece ? PIECE_BYTES : 0);
    return status;
}

static sb_status
spool_into(sabot_engine *engine, const char *root, sb_error *err)
{
    sb_text path;
    sb_file *file = NULL;
    sb_text_init(&path, engine->mem);
    sb_text_printf(&path, "%s/stdin", root);
    sb_status status = sb_text_failed(&path)
                           ? sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                           : engine->os->open(engine->os, path.data, SB_OPEN_NEW, &file, err);
    if (status == SB_OK) {
        status = copy_input(engine->os, engine->mem, file, err);
        engine->os->close(engine->os, file);
    }
    if (status == SB_OK) {
        engine->spool = sb_engine_strdup(engine->mem, path.data);
        status = engine->spool
                     ? SB_OK
                     : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    sb_text_deinit(&path);
    return status;
}

sb_status
sb_engine_spool(sabot_engine *engine, const char **out_path, sb_error *err)
{
    if (!engine->spool) {
        if (sb_stdin_is_tty()) {
            sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                         "FROM '-' reads standard input, which is a terminal");
            sb_error_hint(err, "cat file | sabot \"SELECT ... FROM '-'\"");
            return SB_STATUS_INVALID;
        }
        SB_TRY(sb_state_dir_temporary(engine->os, engine->mem, &engine->spool_root, err), err);
        sb_status status = spool_into(engine, engine->spool_root, err);
        if (status != SB_OK) {
            sb_engine_spool_remove(engine);
            return status;
        }
    }
    *out_path = engine->spool;
    return SB_OK;
}

void
sb_engine_spool_remove(sabot_engine *engine)
{
    if (engine->spool_root) {
        sb_state_dir_remove(engine->os, engine->mem, engine->spool_root);
    }
    sb_engine_strfree(engine->mem, engine->spool_root);
    sb_engine_strfree(engine->mem, engine->spool);
    engine->spool_root = engine->spool = NULL;
}
