/*
 * engine/catalog_file.c -- a catalog in an SQLite file.
 *
 * DESIGN     Table `meta` holds the version of the layout, table `object` one row per definition.
 *            A file of a newer layout is refused. Every change is a transaction of its own, unless
 *            the engine holds them back (sabot_catalogs_hold): then the first change of a file
 *            begins a transaction that ends with sabot_catalogs_write, and what is not written
 *            when the engine is closed is taken back; a file that was made then goes again. Two
 *            catalogs over one path share the connection, which outlives DROP CATALOG as long as
 *            it has something held back, so that they see each other's changes.
 * OWNERSHIP  stores and connections are charged to the engine's budget; close frees a store.
 * THREADS    the engine's thread; other processes may use the file at the same time.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine_priv.h"
#include "sql/catalog_store.h"

#define FILE_VERSION 1
#define BUSY_MS      5000

/* A file that is open. */
struct sb_catalog_file {
    struct sb_catalog_file *next;
    sabot_engine *engine;
    char *path;
    sqlite3 *db;
    int32_t count_stores;
    bool in_change; /* a transaction is open */
    bool is_new;    /* was not there before, and nothing is written yet */
};

typedef struct file_store {
    sb_catalog_store base; /* first */
    sb_mem *mem;
    struct sb_catalog_file *file;
} file_store;

static sb_status
file_fail(const struct sb_catalog_file *file, const char *what, sb_error *err)
{
    SB_FAIL(err, SB_STATUS_IO, "catalog file: cannot %s: %s", what, sqlite3_errmsg(file->db));
}

static sb_status
file_run(struct sb_catalog_file *file, const char *sql, const char *what, sb_error *err)
{
    return sqlite3_exec(file->db, sql, NULL, NULL, NULL) == SQLITE_OK ? SB_OK
                                                                      : file_fail(file, what, err);
}

/* A statement with its texts bound; NULL after an error. */
static sqlite3_stmt *
file_prepare(struct sb_catalog_file *file, const char *sql, const char *const *texts, int count,
             sb_error *err)
{
    sqlite3_stmt *stmt = NULL;
    bool ok = sqlite3_prepare_v2(file->db, sql, -1, &stmt, NULL) == SQLITE_OK;
    for (int i = 0; i < count && ok; i++) {
        ok = sqlite3_bind_text(stmt, i + 1, texts[i], -1, SQLITE_TRANSIENT) == SQLITE_OK;
    }
    if (!ok) {
        (void)file_fail(file, "use it", err);
        sqlite3_finalize(stmt);
        return NULL;
    }
    return stmt;
}

/* ---- changes that are held back ---- */

/* Before a change. */
static sb_status
file_begin(struct sb_catalog_file *file, sb_error *err)
{
    if (file->in_change || !file->engine->catalogs_held) {
        return SB_OK;
    }
    SB_TRY(file_run(file, "BEGIN IMMEDIATE", "write", err), err);
    file->in_change = true;
    return SB_OK;
}

/* Frees a file that nobody uses; what it holds back is taken back. */
static void
file_free(struct sb_catalog_file *file)
{
    sabot_engine *engine = file->engine;
    struct sb_catalog_file **at = &engine->catalog_files;
    while (*at && *at != file) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = file->next;
    }
    sqlite3_close(file->db);
    sb_file_info info;
    if (file->is_new && engine->os->stat(engine->os, file->path, &info, NULL) == SB_OK &&
        info.size == 0) {
        (void)engine->os->remove(engine->os, file->path, NULL);
    }
    sb_engine_strfree(engine->mem, file->path);
    sb_free(engine->mem, file, sizeof *file);
}

void
sb_engine_catalogs_close(sabot_engine *engine)
{
    while (engine->catalog_files) {
        file_free(engine->catalog_files);
    }
}

void
sabot_catalogs_hold(sabot_engine *engine)
{
    engine->catalogs_held = true;
}

sabot_status
sabot_catalogs_write(sabot_engine *engine, sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    engine->catalogs_held = false;
    for (struct sb_catalog_file *file = engine->catalog_files, *next; file; file = next) {
        next = file->next;
        if (file->in_change) {
            sb_status status = file_run(file, "COMMIT", "write", &err);
            if (status != SB_OK) {
                sb_error_prefix(&err, "\"%s\"", file->path);
                return sb_engine_fail(error, &err, NULL, NULL, 0);
            }
            file->in_change = file->is_new = false;
        }
        if (file->count_stores == 0) {
            file_free(file);
        }
    }
    return SABOT_OK;
}

/* ---- the store ---- */

static struct sb_catalog_file *
file_of(sb_catalog_store *self)
{
    return ((file_store *)(void *)self)->file;
}

static sb_status
file_write(struct sb_catalog_file *file, const char *sql, const char *const *texts, int count,
           sb_error *err)
{
    SB_TRY(file_begin(file, err), err);
    sqlite3_stmt *stmt = file_prepare(file, sql, texts, count, err);
    if (!stmt) {
        return SB_STATUS_IO;
    }
    sb_status status = sqlite3_step(stmt) == SQLITE_DONE ? SB_OK : file_fail(file, "write", err);
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
    struct sb_catalog_file *file = file_of(self);
    sqlite3_stmt *stmt = file_prepare(
        file, "SELECT kind, place, name, text, base_catalog, base_database FROM object ORDER BY id",
        NULL, 0, err);
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
        status = file_fail(file, "read it", err);
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
    return file_write(file_of(self),
                      "INSERT INTO object (kind, place, name, text, base_catalog, base_database) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (kind, place, name) DO UPDATE "
                      "SET text = ?4, base_catalog = ?5, base_database = ?6",
                      texts, 6, err);
}

static sb_status
file_remove(sb_catalog_store *self, sb_stored_kind kind, const char *database, const char *name,
            sb_error *err)
{
    struct sb_catalog_file *file = file_of(self);
    const char *const texts[] = {kinds[kind], database, name};
    SB_TRY(file_write(file, "DELETE FROM object WHERE kind = ?1 AND place = ?2 AND name = ?3",
                      texts, 3, err),
           err);
    return kind == SB_STORED_DATABASE
               ? file_write(file, "DELETE FROM object WHERE place = ?1", &name, 1, err)
               : SB_OK;
}

static void
file_close(sb_catalog_store *self)
{
    file_store *store = (file_store *)(void *)self;
    struct sb_catalog_file *file = store->file;
    sb_free(store->mem, store, sizeof *store);
    file->count_stores--;
    if (file->count_stores == 0 && !file->in_change) {
        file_free(file);
    }
}

/* The version of the layout; 0: the file has none yet. */
static int
file_version(struct sb_catalog_file *file)
{
    sqlite3_stmt *stmt = NULL;
    int version = 0;
    if (sqlite3_prepare_v2(file->db, "SELECT value FROM meta WHERE key = 'version'", -1, &stmt,
                           NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW) {
        version = sqlite3_column_int(stmt, 0);
    }
    sqlite3_finalize(stmt);
    return version;
}

/* Makes the layout in a new file; checks the version of an old one. */
static sb_status
file_layout(struct sb_catalog_file *file, sb_error *err)
{
    bool held = file->engine->catalogs_held;
    int version = file_version(file);
    if (version == 0) {
        SB_TRY(file_run(file, "BEGIN IMMEDIATE", "make its tables", err), err);
        file->in_change = true;
        SB_TRY(file_run(
                   file,
                   "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL);"
                   "INSERT OR IGNORE INTO meta VALUES ('version', 1);"
                   "CREATE TABLE IF NOT EXISTS object (id INTEGER PRIMARY KEY, kind TEXT NOT NULL,"
                   " place TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL,"
                   " base_catalog TEXT NOT NULL, base_database TEXT NOT NULL,"
                   " UNIQUE (kind, place, name))",
                   "make its tables", err),
               err);
        if (!held) {
            SB_TRY(file_run(file, "COMMIT", "make its tables", err), err);
            file->in_change = file->is_new = false;
        }
        version = file_version(file);
    }
    if (version != FILE_VERSION) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "catalog file \"%s\" has version %d, this program reads %d",
                file->path, version, FILE_VERSION);
    }
    return SB_OK;
}

/* The one that is open already, under another spelling of its path. */
static struct sb_catalog_file *
file_same(const sabot_engine *engine, const struct sb_catalog_file *file)
{
    struct sb_catalog_file *other = engine->catalog_files;
    while (other &&
           strcmp(sqlite3_db_filename(other->db, "main"), sqlite3_db_filename(file->db, "main"))) {
        other = other->next;
    }
    return other;
}

static sb_status
file_open(sabot_engine *engine, const char *path, struct sb_catalog_file **out, sb_error *err)
{
    struct sb_catalog_file *file = engine->catalog_files;
    while (file && strcmp(file->path, path) != 0) {
        file = file->next;
    }
    if (file) {
        *out = file;
        return SB_OK;
    }
    sb_file_info info;
    file = sb_alloc_zero(engine->mem, sizeof *file);
    char *copy = file ? sb_engine_strdup(engine->mem, path) : NULL;
    if (!copy) {
        sb_free(engine->mem, file, sizeof *file);
        SB_NOMEM(err);
    }
    file->engine = engine;
    file->path = copy;
    file->is_new = engine->os->stat(engine->os, path, &info, NULL) == SB_STATUS_NOT_FOUND;
    int opened = sqlite3_open_v2(
        path, &file->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    sb_status status = opened == SQLITE_OK ? SB_OK : SB_STATUS_IO;
    if (status != SB_OK) {
        (void)sb_error_set(err, status, __FILE__, __LINE__, "cannot open catalog file \"%s\": %s",
                           path, file->db ? sqlite3_errmsg(file->db) : "out of memory");
    } else if ((*out = file_same(engine, file)) != NULL) {
        file->is_new = false; /* the other one's to remove */
        file_free(file);
        return SB_OK;
    } else {
        (void)sqlite3_busy_timeout(file->db, BUSY_MS);
        status = file_layout(file, err);
    }
    if (status != SB_OK) {
        file_free(file);
        return status;
    }
    file->next = engine->catalog_files;
    engine->catalog_files = file;
    *out = file;
    return SB_OK;
}

sb_status
sb_engine_catalog_open(void *ctx, const char *path, sb_catalog_store **out, sb_error *err)
{
    sabot_engine *engine = ctx;
    struct sb_catalog_file *file;
    SB_TRY(file_open(engine, path, &file, err), err);
    file_store *store = sb_alloc_zero(engine->mem, sizeof *store);
    if (!store) {
        if (file->count_stores == 0 && !file->in_change) {
            file_free(file);
        }
        SB_NOMEM(err);
    }
    store->mem = engine->mem;
    store->file = file;
    store->base = (sb_catalog_store){
        .load = file_load, .put = file_put, .remove = file_remove, .close = file_close};
    file->count_stores++;
    *out = &store->base;
    return SB_OK;
}
