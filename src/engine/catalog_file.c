/*
 * engine/catalog_file.c -- a catalog in an SQLite file.
 *
 * DESIGN     Table `meta` holds the version of the layout, table `object` one row per definition.
 *            Every change is a transaction of its own. A file of a newer layout is refused.
 * OWNERSHIP  the store is charged to the engine's budget and freed by close.
 * THREADS    the engine's thread; other processes may use the file at the same time.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine_priv.h"
#include "sql/catalog_store.h"

#define FILE_VERSION 1
#define BUSY_MS      5000

typedef struct file_store {
    sb_catalog_store base; /* first */
    sb_mem *mem;
    sqlite3 *db;
} file_store;

static sb_status
file_fail(const file_store *store, const char *what, sb_error *err)
{
    SB_FAIL(err, SB_STATUS_IO, "catalog file: cannot %s: %s", what, sqlite3_errmsg(store->db));
}

static sb_status
file_run(file_store *store, const char *sql, const char *what, sb_error *err)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? SB_OK
               : file_fail(store, what, err);
}

/* A statement with its texts bound; NULL after an error. */
static sqlite3_stmt *
file_prepare(file_store *store, const char *sql, const char *const *texts, int count, sb_error *err)
{
    sqlite3_stmt *stmt = NULL;
    bool ok = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) == SQLITE_OK;
    for (int i = 0; i < count && ok; i++) {
        ok = sqlite3_bind_text(stmt, i + 1, texts[i], -1, SQLITE_TRANSIENT) == SQLITE_OK;
    }
    if (!ok) {
        (void)file_fail(store, "use it", err);
        sqlite3_finalize(stmt);
        return NULL;
    }
    return stmt;
}

static sb_status
file_write(file_store *store, const char *sql, const char *const *texts, int count, sb_error *err)
{
    sqlite3_stmt *stmt = file_prepare(store, sql, texts, count, err);
    if (!stmt) {
        return SB_STATUS_IO;
    }
    sb_status status = sqlite3_step(stmt) == SQLITE_DONE ? SB_OK : file_fail(store, "write", err);
    sqlite3_finalize(stmt);
    return status;
}

static const char *const kinds[] = {"database", "table", "view", "function"};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const char *
column_text(sqlite3_stmt *stmt, int column)
{
    const unsigned char *text = sqlite3_column_text(stmt, column);
    return text ? (const char *)text : "";
}

static sb_status
file_load(sb_catalog_store *self,
          sb_status (*each)(void *ctx, const sb_stored *stored, sb_error *err), void *ctx,
          sb_error *err)
{
    file_store *store = (file_store *)(void *)self;
    sqlite3_stmt *stmt = file_prepare(
        store,
        "SELECT kind, place, name, text, base_catalog, base_database FROM object ORDER BY id", NULL,
        0, err);
    sb_status status = stmt ? SB_OK : SB_STATUS_IO;
    int step = SQLITE_DONE;
    while (status == SB_OK && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        sb_stored stored = {.database = column_text(stmt, 1),
                            .name = column_text(stmt, 2),
                            .text = column_text(stmt, 3),
                            .base_catalog = column_text(stmt, 4),
                            .base_database = column_text(stmt, 5)};
        int kind = 0;
        while (kind < KINDS && strcmp(kinds[kind], column_text(stmt, 0)) != 0) {
            kind++;
        }
        if (kind < KINDS) {
            stored.kind = (sb_stored_kind)kind;
            status = each(ctx, &stored, err);
        }
    }
    if (status == SB_OK && step != SQLITE_DONE) {
        status = file_fail(store, "read it", err);
    }
    sqlite3_finalize(stmt);
    return status;
}

static sb_status
file_put(sb_catalog_store *self, const sb_stored *stored, sb_error *err)
{
    const char *const texts[] = {kinds[stored->kind],
                                 stored->database,
                                 stored->name,
                                 stored->text,
                                 stored->base_catalog ? stored->base_catalog : "",
                                 stored->base_database ? stored->base_database : ""};
    return file_write((file_store *)(void *)self,
                      "INSERT INTO object (kind, place, name, text, base_catalog, base_database) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (kind, place, name) DO UPDATE "
                      "SET text = ?4, base_catalog = ?5, base_database = ?6",
                      texts, 6, err);
}

static sb_status
file_remove(sb_catalog_store *self, sb_stored_kind kind, const char *database, const char *name,
            sb_error *err)
{
    file_store *store = (file_store *)(void *)self;
    const char *const texts[] = {kinds[kind], database, name};
    SB_TRY(file_write(store, "DELETE FROM object WHERE kind = ?1 AND place = ?2 AND name = ?3",
                      texts, 3, err),
           err);
    return kind == SB_STORED_DATABASE
               ? file_write(store, "DELETE FROM object WHERE place = ?1", &name, 1, err)
               : SB_OK;
}

static void
file_close(sb_catalog_store *self)
{
    file_store *store = (file_store *)(void *)self;
    sqlite3_close(store->db);
    sb_free(store->mem, store, sizeof *store);
}

/* Makes the layout in a new file; checks the version of an old one. */
static sb_status
file_layout(file_store *store, const char *path, sb_error *err)
{
    int version = -1;
    SB_TRY(
        file_run(store,
                 "BEGIN IMMEDIATE;"
                 "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL);"
                 "INSERT OR IGNORE INTO meta VALUES ('version', 1);"
                 "CREATE TABLE IF NOT EXISTS object (id INTEGER PRIMARY KEY, kind TEXT NOT NULL,"
                 " place TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL,"
                 " base_catalog TEXT NOT NULL, base_database TEXT NOT NULL,"
                 " UNIQUE (kind, place, name));"
                 "COMMIT",
                 "make its tables", err),
        err);
    sqlite3_stmt *stmt =
        file_prepare(store, "SELECT value FROM meta WHERE key = 'version'", NULL, 0, err);
    if (!stmt) {
        return SB_STATUS_IO;
    }
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        version = sqlite3_column_int(stmt, 0);
    }
    sqlite3_finalize(stmt);
    if (version != FILE_VERSION) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "catalog file \"%s\" has version %d, this program reads %d",
                path, version, FILE_VERSION);
    }
    return SB_OK;
}

sb_status
sb_engine_catalog_open(void *ctx, const char *path, sb_catalog_store **out, sb_error *err)
{
    sabot_engine *engine = ctx;
    file_store *store = sb_alloc_zero(engine->mem, sizeof *store);
    if (!store) {
        SB_NOMEM(err);
    }
    store->mem = engine->mem;
    store->base = (sb_catalog_store){
        .load = file_load, .put = file_put, .remove = file_remove, .close = file_close};
    int opened = sqlite3_open_v2(
        path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    sb_status status = opened == SQLITE_OK ? SB_OK : SB_STATUS_IO;
    if (status != SB_OK) {
        (void)sb_error_set(err, status, __FILE__, __LINE__, "cannot open catalog file \"%s\": %s",
                           path, store->db ? sqlite3_errmsg(store->db) : "out of memory");
    } else {
        (void)sqlite3_busy_timeout(store->db, BUSY_MS);
        status = file_layout(store, path, err);
    }
    if (status != SB_OK) {
        file_close(&store->base);
        return status;
    }
    *out = &store->base;
    return SB_OK;
}
