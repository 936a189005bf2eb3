/*
 * connectors/filesystem/filesystem.h -- parts that the files of this folder share.
 */
#ifndef SB_CONNECTORS_FILESYSTEM_FILESYSTEM_H
#define SB_CONNECTORS_FILESYSTEM_FILESYSTEM_H

#include "connectors/options.h"
#include "formats/unpack.h"

/* The options of a table, read and checked. Strings belong to the table. */
typedef struct sb_fs_options {
    const char *path; /* without "file:" */
    const sb_format *format;
    bool codec_by_name; /* source.compression = auto: the file's name tells */
    sb_codec codec;     /* else this */
    bool guessed;       /* source.guessed: nobody wrote the columns down */
    const char *regex;  /* source.path.regex-pattern; NULL: none */
    int64_t monitor_ms; /* source.monitor-interval; 0: bounded */
    sb_bad_policy bad;
    const char *bad_path;                 /* bad-records.path */
    int64_t roll_bytes, roll_ms, idle_ms; /* sink.rolling-policy.* */
} sb_fs_options;

extern const sb_option_spec sb_fs_option_specs[];
sb_status sb_fs_options_read(const sb_table_desc *table, sb_fs_options *out, sb_error *err);

/* How a file is compressed; NOT_SUPPORTED: in a way that nothing here reads. */
sb_status sb_fs_codec(const sb_fs_options *options, const char *path, sb_codec *out, sb_error *err);

/* All files of the path that are to be read, added to the list in order of name. */
sb_status sb_fs_enumerate(const sb_fs_options *options, sb_os *os, sb_mem *mem, sb_split_list *list,
                          sb_error *err);

/* File name against a glob without '/': * ? [a-z] [!a] and backslash. */
bool sb_fs_glob(const char *pattern, const char *name);

/* What a split's descriptor says of its file, as of its discovery. */
typedef struct sb_fs_file {
    int64_t size, modified_us;
} sb_fs_file;

void sb_fs_file_write(sb_writer *w, const sb_fs_file *file);
sb_status sb_fs_file_read(sb_str descriptor, sb_fs_file *out, sb_error *err);

/* The dead letters of one split: a file of JSON lines whose length is part of the split's
 * position. */
typedef struct sb_dead_letters {
    sb_os *os;
    bool on; /* the policy is dead-letter */
    sb_text path;
    sb_file *file;  /* NULL until the first letter */
    int64_t length; /* bytes in the file */
    sb_text buffer; /* not written yet */
    bool unsynced;
} sb_dead_letters;

/* length: what the position says; 0 at a fresh start: what is there is removed. */
sb_status sb_dead_letters_init(sb_dead_letters *d, sb_mem *mem, sb_os *os, const char *path,
                               int32_t split, int64_t length, sb_error *err);
sb_status sb_dead_letters_add(sb_dead_letters *d, const char *file, int64_t line, int64_t offset,
                              const char *reason, sb_str record, sb_error *err);
/* Everything is in the file, durable; `length` then counts all of it. */
sb_status sb_dead_letters_flush(sb_dead_letters *d, sb_error *err);
void sb_dead_letters_deinit(sb_dead_letters *d);

extern const sb_source_vtable sb_fs_source;
extern const sb_sink_vtable sb_fs_sink;
extern const sb_connector sb_connector_filesystem;

#endif
