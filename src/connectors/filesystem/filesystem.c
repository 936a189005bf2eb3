/*
 * connectors/filesystem/filesystem.c -- the connector 'filesystem': options, facts, metadata.
 */
#include "connectors/filesystem/filesystem.h"
#include "formats/pattern.h"

#include <string.h>

const sb_option_spec sb_fs_option_specs[] = {
    {"path", "string", NULL,
     "file, folder (read with all folders in it) or glob; a sink's path is a folder"},
    {"format", "string", NULL, "json, csv, raw, changelog-json"},
    {"source.monitor-interval", "duration", NULL,
     "look for new files this often; not set: the table is bounded"},
    {"source.path.regex-pattern", "string", NULL, "read only files whose whole path matches"},
    {"source.compression", "enum:auto|none|gzip|zstd|lz4", "auto",
     "how files are compressed; auto: by the end of their names (.gz, .zst, .lz4)"},
    {"source.guessed", "bool", "false",
     "the columns were guessed: errors about rows that do not fit say so"},
    {"bad-records", "enum:fail|skip|dead-letter", "fail",
     "what happens to a record that cannot be read"},
    {"bad-records.path", "string", NULL,
     "with dead-letter: file of JSON lines {file,line,offset,reason,record}"},
    {"sink.rolling-policy.file-size", "memory", "128MB", "a part file is closed at this size"},
    {"sink.rolling-policy.rollover-interval", "duration", "30 min", "or at this age"},
    {"sink.rolling-policy.inactivity-interval", "duration", "30 min",
     "or when nothing was written for so long"},
    {"sink.rolling-policy.check-interval", "duration", "1 min",
     "accepted: ages are looked at with every write and checkpoint"},
    {"auto-compaction", "bool", "false", "only false"},
    {"compaction.file-size", "memory", NULL, "accepted; only meant with auto-compaction"},
    {"partition.default-name", "string", NULL, "accepted; only meant with PARTITIONED BY"},
    {NULL, NULL, NULL, NULL},
};

/* "file:///x", "file:/x" and plain paths; other schemes are refused. */
static sb_status
read_path(const sb_table_desc *table, const char **out, sb_error *err)
{
    const char *path = sb_table_option(table, "path", NULL);
    if (!path || !*path) {
        SB_FAIL(err, SB_STATUS_INVALID,
                "table '%s': connector 'filesystem' needs the option 'path'", table->name);
    }
    const char *scheme = strstr(path, "://");
    if (strncmp(path, "file://", 7) == 0) {
        path += 7;
    } else if (strncmp(path, "file:", 5) == 0) {
        path += 5;
    } else if (scheme && !memchr(path, '/', (size_t)(scheme - path))) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: %.*s paths ('path' = '%s')",
                (int)(scheme - path), path, path);
    }
    if (!*path) {
        return sb_table_option_bad(table, "path", "is empty", err);
    }
    *out = path;
    return SB_OK;
}

static sb_status
read_codec(const sb_table_desc *table, sb_fs_options *out, sb_error *err)
{
    const char *name = sb_table_option(table, "source.compression", "auto");
    out->codec_by_name = strcmp(name, "auto") == 0;
    out->codec = out->codec_by_name ? SB_CODEC_NONE : sb_codec_of_name(name);
    return out->codec != SB_CODEC_UNKNOWN
               ? SB_OK
               : sb_table_option_bad(table, "source.compression",
                                     "expected auto, none, gzip, zstd or lz4", err);
}

sb_status
sb_fs_codec(const sb_fs_options *options, const char *path, sb_codec *out, sb_error *err)
{
    size_t stem;
    *out = options->codec_by_name ? sb_codec_of_path(path, &stem) : options->codec;
    if (*out == SB_CODEC_UNKNOWN) {
        sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                     "not supported: files compressed as '%s' is", path);
        sb_error_hint(err, "gzip, zstd and lz4 are read; 'source.compression' = 'none' reads the "
                           "bytes as they are");
        return SB_STATUS_NOT_SUPPORTED;
    }
    return SB_OK;
}

sb_status
sb_fs_options_read(const sb_table_desc *table, sb_fs_options *out, sb_error *err)
{
    *out = (sb_fs_options){.bad = SB_BAD_FAIL};
    bool compaction;
    SB_TRY(read_path(table, &out->path, err), err);
    SB_TRY(sb_table_format(table, &out->format, err), err);
    SB_TRY(sb_refuse_partitions(table, err), err); /* before its options, which come with them */
    SB_TRY(sb_table_options_check(table, sb_fs_option_specs, out->format, err), err);
    SB_TRY(sb_table_bad_policy(table, "bad-records.path", &out->bad, &out->bad_path, err), err);
    SB_TRY(read_codec(table, out, err), err);
    SB_TRY(sb_table_option_bool(table, "source.guessed", false, &out->guessed, err), err);
    out->regex = sb_table_option(table, "source.path.regex-pattern", NULL);
    SB_TRY(sb_table_option_duration(table, "source.monitor-interval", 0, &out->monitor_ms, err),
           err);
    if (sb_table_option(table, "source.monitor-interval", NULL) && out->monitor_ms <= 0) {
        return sb_table_option_bad(table, "source.monitor-interval", "must be more than nothing",
                                   err);
    }
    SB_TRY(sb_table_option_memory(table, "sink.rolling-policy.file-size", INT64_C(128) << 20,
                                  &out->roll_bytes, err),
           err);
    SB_TRY(sb_table_option_duration(table, "sink.rolling-policy.rollover-interval", 1800000,
                                    &out->roll_ms, err),
           err);
    SB_TRY(sb_table_option_duration(table, "sink.rolling-policy.inactivity-interval", 1800000,
                                    &out->idle_ms, err),
           err);
    int64_t check_ms;
    SB_TRY(sb_table_option_duration(table, "sink.rolling-policy.check-interval", 60000, &check_ms,
                                    err),
           err);
    SB_TRY(sb_table_option_bool(table, "auto-compaction", false, &compaction, err), err);
    if (compaction) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: 'auto-compaction' = 'true'");
    }
    return SB_OK;
}

static sb_status
fs_source_facts(const sb_table_desc *table, sb_source_facts *out, sb_error *err)
{
    sb_fs_options options;
    sb_format_facts facts;
    sb_codec codec;
    sb_error why;
    SB_TRY(sb_fs_options_read(table, &options, err), err);
    SB_TRY(sb_fs_codec(&options, options.path, &codec, err), err);
    if (options.regex && sb_pattern_check(options.regex, &why) != SB_OK) {
        return sb_table_option_bad(table, "source.path.regex-pattern", why.message, err);
    }
    SB_TRY(sb_table_format_check(table, options.format, true, &facts, err), err);
    *out = (sb_source_facts){
        .row_ops = facts.row_ops,
        .delete_by_key = facts.delete_by_key,
        .bounded = options.monitor_ms == 0,
        .replayable = true,
    };
    return SB_OK;
}

static sb_status
fs_sink_facts(const sb_table_desc *table, sb_sink_facts *out, sb_error *err)
{
    sb_fs_options options;
    sb_format_facts facts;
    SB_TRY(sb_fs_options_read(table, &options, err), err);
    SB_TRY(sb_table_format_check(table, options.format, false, &facts, err), err);
    *out = (sb_sink_facts){.row_ops = facts.row_ops, .upsert = facts.upsert, .transactional = true};
    return SB_OK;
}

static sb_status
fs_metadata(const sb_table_desc *table, const char *key, bool for_sink, sb_type *out, sb_error *err)
{
    if (for_sink) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "connector 'filesystem' has no writable metadata '%s'",
                key);
    }
    if (strcmp(key, "file.path") == 0 || strcmp(key, "file.name") == 0) {
        *out = sb_type_string(false);
    } else if (strcmp(key, "file.size") == 0) {
        *out = SB_TYPE(BIGINT, false);
    } else if (strcmp(key, "file.modification-time") == 0) {
        *out = (sb_type){.id = SB_TYPE_TIMESTAMP_LTZ, .precision = 3};
    } else {
        sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__,
                     "table '%s': connector 'filesystem' has no metadata '%s'", table->name, key);
        sb_error_hint(err, "metadata: file.path, file.name, file.size, file.modification-time");
        return SB_STATUS_NOT_FOUND;
    }
    return SB_OK;
}

const sb_connector sb_connector_filesystem = {
    .name = "filesystem",
    .source = &sb_fs_source,
    .sink = &sb_fs_sink,
    .options = sb_fs_option_specs,
    .source_facts = fs_source_facts,
    .sink_facts = fs_sink_facts,
    .metadata = fs_metadata,
};
