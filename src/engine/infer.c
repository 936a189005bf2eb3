/*
 * engine/infer.c -- what a file would be as a table: sabot_infer, and FROM 'file'.
 *
 * DESIGN     The connector says which files a path names; the first ones are unpacked up to a limit
 *            and given to the sniffer, whose answer is written as CREATE TABLE.
 * THREADS    the engine's thread.
 */
#include "engine/infer.h"

#include <ctype.h>
#include <string.h>

#include "engine/json_text.h"
#include "formats/unpack.h"

#define SAMPLE_TOTAL (4 * SB_SNIFF_BYTES) /* most bytes of all files */

/* ---- files ---- */

/* As a table of lines: enough to ask the connector which files there are. */
static sb_status
find_files(sabot_engine *engine, sb_arena *arena, const char *path, sb_split_list *out,
           sb_error *err)
{
    const sb_connector *connector = sb_engine_connector("filesystem");
    sb_field line = {.name = "line", .type = sb_type_string(true)};
    sb_schema columns = {1, &line};
    sb_option options[] = {
        {"connector", "filesystem", -1}, {"path", path, -1}, {"format", "raw", -1}};
    sb_table_desc table = {.name = path, .connector = "filesystem", .columns = &columns};
    table.options.count = 3;
    table.options.at = options;
    sb_source_node node = {.table = &table};
    sb_source_facts facts;
    *out = (sb_split_list){.arena = arena};
    SB_TRY(connector->source_facts(&table, &facts, err), err);
    SB_TRY(connector->source->enumerate(&node, engine->os, engine->mem, 1, out, err), err);
    if (out->count == 0) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "no file matches '%s'", path);
    }
    return SB_OK;
}

static sb_status
read_opened(sabot_engine *engine, sb_arena *arena, sb_file *file, sb_codec codec, size_t room,
            sb_sniff_file *out, sb_error *err)
{
    sb_unpack *unpack = NULL;
    char *data = sb_arena_alloc(arena, room + SB_FORMAT_PADDING);
    int64_t size = engine->os->size(engine->os, file);
    size_t got = 1;
    if (!data) {
        SB_NOMEM(err);
    }
    sb_status status = SB_OK;
    if (size > 0) {
        status = sb_unpack_new(engine->mem, engine->os, file, out->path, size, codec, &unpack, err);
    }
    while (status == SB_OK && size > 0 && got > 0 && out->size < room) {
        status = sb_unpack_read(unpack, data + out->size, room - out->size, &got, err);
        out->size += status == SB_OK ? got : 0;
    }
    sb_unpack_free(unpack);
    out->data = data;
    out->whole = size == 0 || got == 0;
    return status;
}

static sb_status
read_sample(sabot_engine *engine, sb_arena *arena, const char *path, size_t room,
            sb_sniff_file *out, sb_error *err)
{
    size_t stem;
    sb_codec codec = sb_codec_of_path(path, &stem);
    sb_file *file = NULL;
    sb_file_info info;
    *out = (sb_sniff_file){.path = path, .name = {path, stem}};
    if (codec == SB_CODEC_UNKNOWN) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: files compressed as '%s' is", path);
    }
    SB_TRY(engine->os->stat(engine->os, path, &info, err), err);
    if (info.size < (int64_t)room && codec == SB_CODEC_NONE) {
        room = (size_t)info.size + 1; /* one more: the end shows */
    }
    SB_TRY(engine->os->open(engine->os, path, SB_OPEN_READ, &file, err), err);
    sb_status status = read_opened(engine, arena, file, codec, room, out, err);
    engine->os->close(engine->os, file);
    return status;
}

static sb_status
look(sabot_engine *engine, sb_arena *arena, const char *path, sb_sniff_guess *out, sb_error *err)
{
    sb_split_list files;
    sb_sniff_file samples[SB_SNIFF_FILES];
    size_t total = 0;
    int32_t count = 0;
    sb_status status = find_files(engine, arena, path, &files, err);
    for (; status == SB_OK && count < files.count && count < SB_SNIFF_FILES && total < SAMPLE_TOTAL;
         count++) {
        status =
            read_sample(engine, arena, files.at[count].id, SB_SNIFF_BYTES, &samples[count], err);
        total += status == SB_OK ? samples[count].size : 0;
    }
    return status == SB_OK ? sb_sniff(arena, engine->mem, samples, count, out, err) : status;
}

/* ---- text ---- */

/* dir/2024-orders.json.gz: 2024_orders; shop.orders as it is: shop_orders; never empty. */
static void
print_table_name(sb_text *out, const char *path, bool as_it_is)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash && slash[1] ? slash + 1 : path;
    size_t before = out->size;
    for (; *name && (*name != '.' || as_it_is || out->size == before); name++) {
        if (isalnum((unsigned char)*name)) {
            sb_text_char(out, *name);
        } else if (out->size > before && out->data[out->size - 1] != '_') {
            sb_text_char(out, '_');
        }
    }
    while (out->size > before && out->data[out->size - 1] == '_') {
        out->data[--out->size] = '\0';
    }
    if (out->size == before) {
        sb_text_add(out, "t");
    }
}

static void
print_option(sb_text *out, const char *key, const char *value)
{
    sb_text_add(out, out->data[out->size - 1] == '(' ? "\n    " : ",\n    ");
    sb_engine_quote(out, key, '\'');
    sb_text_add(out, " = ");
    sb_engine_quote(out, value, '\'');
}

/* The first column that could be event time. */
static void
print_watermark(sb_text *out, const sb_schema *columns)
{
    for (int32_t i = 0; i < columns->count; i++) {
        const sb_type *type = &columns->fields[i].type;
        bool is_time = type->id == SB_TYPE_TIMESTAMP || type->id == SB_TYPE_TIMESTAMP_LTZ;
        if (is_time && type->precision <= 3 && !strchr(columns->fields[i].name, '\n')) {
            sb_text_add(out, "\n    -- for windows: , WATERMARK FOR ");
            sb_engine_quote(out, columns->fields[i].name, '`');
            sb_text_add(out, " AS ");
            sb_engine_quote(out, columns->fields[i].name, '`');
            sb_text_add(out, " - INTERVAL '5' SECOND");
            return;
        }
    }
}

static void
print_sql(sb_text *out, const char *table, sb_infer_form form, const sb_infer_table *inferred)
{
    const sb_sniff_guess *guess = &inferred->guess;
    sb_text_add(out, "CREATE TABLE ");
    sb_engine_quote(out, table, '`');
    sb_text_add(out, " (");
    for (int32_t i = 0; i < guess->columns.count; i++) {
        sb_text_add(out, i > 0 ? ",\n    " : "\n    ");
        sb_engine_quote(out, guess->columns.fields[i].name, '`');
        sb_text_char(out, ' ');
        sb_type_print(&guess->columns.fields[i].type, out);
    }
    if (form != SB_INFER_FROM) {
        print_watermark(out, &guess->columns);
    }
    sb_text_add(out, "\n) WITH (");
    for (int32_t i = 0; i < inferred->count_head; i++) {
        print_option(out, inferred->head[i].key, inferred->head[i].value);
    }
    for (int32_t i = 0; i < guess->count_options; i++) {
        print_option(out, guess->options[i].key, guess->options[i].value);
    }
    if (form == SB_INFER_FROM) {
        print_option(out, "source.guessed", "true");
    }
    sb_text_add(out, "\n);\n");
    if (inferred->count_head > 1 && strcmp(inferred->head[1].value, "-") == 0) {
        sb_text_add(out, "-- 'path' is standard input: put the path of the file there\n");
    }
}

static void
print_json(sb_text *out, sb_mem *mem, const char *path, const char *table,
           const sb_infer_table *inferred)
{
    const sb_sniff_guess *guess = &inferred->guess;
    sb_text part;
    sb_text_init(&part, mem);
    sb_text_add(out, "{\"path\":");
    sb_engine_json_string(out, path);
    sb_text_add(out, ",\"table\":");
    sb_engine_json_string(out, table);
    sb_text_printf(out, ",\"format\":\"%s\",\"rows\":%lld,\"columns\":[", guess->format,
                   (long long)guess->rows);
    for (int32_t i = 0; i < guess->columns.count; i++) {
        sb_text_clear(&part);
        sb_type_print(&guess->columns.fields[i].type, &part);
        sb_text_add(out, i > 0 ? ",{\"name\":" : "{\"name\":");
        sb_engine_json_string(out, guess->columns.fields[i].name);
        sb_text_add(out, ",\"type\":");
        sb_engine_json_string(out, part.data);
        sb_text_char(out, '}');
    }
    sb_text_add(out, "],\"options\":{");
    for (int32_t i = 0; i < guess->count_options; i++) {
        sb_text_add(out, i > 0 ? "," : "");
        sb_engine_json_string(out, guess->options[i].key);
        sb_text_char(out, ':');
        sb_engine_json_string(out, guess->options[i].value);
    }
    sb_text_clear(&part);
    print_sql(&part, table, SB_INFER_SQL, inferred);
    sb_text_add(out, "},\"sql\":");
    sb_engine_json_string(out, part.data);
    sb_text_add(out, "}\n");
    out->failed = out->failed || part.failed;
    sb_text_deinit(&part);
}

static sb_status
infer_in(sabot_engine *engine, sb_arena *arena, const char *path, const char *table,
         sb_infer_properties properties, sb_infer_form form, sb_text *out, sb_error *err)
{
    sb_infer_table inferred = {0};
    sb_text name;
    bool is_stdin = strcmp(path, "-") == 0;
    bool is_topic = strncmp(path, SB_INFER_KAFKA, sizeof SB_INFER_KAFKA - 1) == 0;
    if (is_topic && form == SB_INFER_FROM) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: a topic in FROM '...': sabot infer %s prints a CREATE TABLE", path);
    }
    if (!is_topic && properties.count > 0) {
        SB_FAIL(err, SB_STATUS_INVALID, "property '%s' is for a topic, and '%s' is none",
                properties.at[0].key, path);
    }
    if (is_topic) {
        SB_TRY(sb_infer_topic(engine, arena, path, properties, &inferred, err), err);
    } else {
        const char *file = path;
        if (is_stdin) {
            SB_TRY(sb_engine_spool(engine, &file, err), err);
            inferred.name = "stdin";
        }
        SB_TRY(look(engine, arena, file, &inferred.guess, err), err);
        inferred.head[0] = (sb_sniff_option){"connector", "filesystem"};
        inferred.head[1] = (sb_sniff_option){"path", path};
        inferred.head[2] = (sb_sniff_option){"format", inferred.guess.format};
        inferred.count_head = 3;
    }
    sb_text_init(&name, engine->mem);
    if (table) {
        sb_text_add(&name, table);
    } else {
        print_table_name(&name, inferred.name ? inferred.name : path, inferred.name != NULL);
    }
    if (form == SB_INFER_JSON) {
        print_json(out, engine->mem, path, name.data, &inferred);
    } else {
        print_sql(out, name.data, form, &inferred);
    }
    bool failed = sb_text_failed(&name) || sb_text_failed(out);
    sb_text_deinit(&name);
    if (failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_engine_infer(sabot_engine *engine, const char *path, const char *table,
                sb_infer_properties properties, sb_infer_form form, sb_text *out, sb_error *err)
{
    sb_arena *arena = sb_arena_new(engine->mem);
    if (!arena) {
        SB_NOMEM(err);
    }
    sb_status status = infer_in(engine, arena, path, table, properties, form, out, err);
    sb_arena_free(arena);
    return status;
}

sabot_status
sabot_infer(sabot_engine *engine, const char *path, const char *table,
            const sabot_option *properties, size_t count, sabot_infer_format format, char **out,
            sabot_error **error)
{
    sb_text text;
    sb_error err;
    sb_error_clear(&err);
    sb_text_init(&text, engine->mem);
    sb_status status =
        sb_engine_infer(engine, path, table, (sb_infer_properties){properties, count},
                        format == SABOT_INFER_JSON ? SB_INFER_JSON : SB_INFER_SQL, &text, &err);
    char *copy = NULL;
    if (status == SB_OK) {
        copy = sb_engine_export_text(&text, &err);
        status = copy ? SB_OK : err.status;
    } else {
        sb_text_deinit(&text);
    }
    if (status != SB_OK) {
        return sb_engine_fail(error, &err, NULL, NULL, 0);
    }
    *out = copy;
    return SABOT_OK;
}
