/*
 * connectors/kafka/kafka_parts.c -- key and value of the messages of a table.
 */
#include "connectors/kafka/kafka_parts.h"

#include <string.h>

sb_status
sb_kafka_list(const sb_table_desc *table, const char *key, sb_arena *arena, const char *const **out,
              int32_t *out_count, sb_error *err)
{
    const char *text = sb_table_option(table, key, "");
    int32_t count = 1;
    for (const char *p = text; *p; p++) {
        count += *p == ';';
    }
    const char **names = SB_NEW_ARRAY(arena, const char *, count);
    if (!names) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        size_t size = strcspn(text, ";");
        const char *next = text + size + (text[size] == ';');
        while (size > 0 && *text == ' ') {
            text++;
            size--;
        }
        while (size > 0 && text[size - 1] == ' ') {
            size--;
        }
        if (size == 0) {
            return sb_table_option_bad(
                table, key, count > 1 ? "has an empty name in its list" : "is empty", err);
        }
        names[i] = sb_arena_strndup(arena, text, size);
        if (!names[i]) {
            SB_NOMEM(err);
        }
        text = next;
    }
    *out = names;
    *out_count = count;
    return SB_OK;
}

/* --- formats --- */

static sb_status
need_option(const sb_table_desc *table, const char *key, const char *hint, sb_error *err)
{
    sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                 "table '%s': connector '%s' needs the option '%s'", table->name, table->connector,
                 key);
    if (hint) {
        sb_error_hint(err, "%s", hint);
    }
    return SB_STATUS_INVALID;
}

/* What the format's options begin with. */
static sb_status
set_prefix(sb_kafka_part *part, const char *prefix, sb_arena *arena, sb_error *err)
{
    part->bridge.prefix = part->format->name;
    if (*prefix) {
        part->bridge.prefix = sb_arena_printf(arena, "%s%s", prefix, part->format->name);
    }
    if (!part->bridge.prefix) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
find_value_format(const sb_table_desc *table, sb_arena *arena, sb_kafka_options *o, sb_error *err)
{
    const char *plain = o->upsert ? NULL : sb_table_option(table, "format", NULL);
    const char *value = sb_table_option(table, "value.format", NULL);
    if (plain && value && strcmp(plain, value) != 0) {
        return sb_table_option_bad(table, "value.format", "'format' names another one", err);
    }
    if (!plain && !value) {
        return o->upsert ? need_option(table, "value.format", NULL, err)
                         : need_option(table, "format", "or 'value.format'", err);
    }
    SB_TRY(sb_table_format_of(table, plain ? "format" : "value.format", &o->value.format, err),
           err);
    return plain ? set_prefix(&o->value, "", arena, err)
                 : set_prefix(&o->value, "value.", arena, err);
}

sb_status
sb_kafka_find_formats(const sb_table_desc *table, sb_arena *arena, sb_kafka_options *o,
                      sb_error *err)
{
    if (sb_table_option(table, "key.format", NULL)) {
        SB_TRY(sb_table_format_of(table, "key.format", &o->key.format, err), err);
        SB_TRY(set_prefix(&o->key, "key.", arena, err), err);
    } else if (o->upsert) {
        return need_option(table, "key.format", NULL, err);
    }
    return find_value_format(table, arena, o, err);
}

/* --- columns --- */

static sb_status
unknown_key_column(const sb_table_desc *table, const char *name, sb_error *err)
{
    sb_text names;
    sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                 "option 'key.fields' = '%s': table '%s' has no physical column '%s'",
                 sb_table_option(table, "key.fields", ""), table->name, name);
    sb_text_init(&names, sb_mem_root());
    for (int32_t i = 0; i < table->columns->count; i++) {
        sb_text_printf(&names, "%s%s", i ? ", " : "", table->columns->fields[i].name);
    }
    sb_error_hint(err, "physical columns: %s", names.data);
    sb_text_deinit(&names);
    sb_table_option_blame(table, "key.fields", err);
    return SB_STATUS_INVALID;
}

static sb_status
check_prefix(const sb_table_desc *table, const char *prefix, const char *name, bool upsert,
             sb_error *err)
{
    if (strncmp(name, prefix, strlen(prefix)) == 0) {
        return SB_OK;
    }
    sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                 "option 'key.fields-prefix' = '%s': the key column '%s' does not begin with it",
                 prefix, name);
    sb_error_hint(err, "all columns of %s begin with the prefix, or there is none",
                  upsert ? "the PRIMARY KEY" : "'key.fields'");
    sb_table_option_blame(table, "key.fields-prefix", err);
    return SB_STATUS_INVALID;
}

/* The columns of the key: key.fields, or of an upsert table its primary key. */
static sb_status
key_columns(const sb_table_desc *table, sb_arena *arena, sb_kafka_options *o, sb_error *err)
{
    const char *const *names;
    int32_t count;
    if (o->upsert) {
        o->key.columns = table->primary_key;
        return SB_OK;
    }
    bool has_fields = sb_table_option(table, "key.fields", NULL) != NULL;
    if (has_fields && !o->key.format) {
        return sb_table_option_bad(table, "key.fields",
                                   "only with 'key.format': a key needs a format", err);
    }
    if (!o->key.format) {
        return SB_OK;
    }
    if (!has_fields) {
        return sb_table_option_bad(table, "key.format",
                                   "needs 'key.fields': the columns that make the key", err);
    }
    SB_TRY(sb_kafka_list(table, "key.fields", arena, &names, &count, err), err);
    int32_t *at = SB_NEW_ARRAY(arena, int32_t, count);
    if (!at) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < count; i++) {
        at[i] = sb_schema_find(table->columns, sb_str_of(names[i]));
        if (at[i] < 0) {
            return unknown_key_column(table, names[i], err);
        }
        for (int32_t k = 0; k < i; k++) {
            if (at[k] == at[i]) {
                return sb_table_option_bad(table, "key.fields", "names a column twice", err);
            }
        }
    }
    o->key.columns = (sb_columns){count, at};
    return SB_OK;
}

static bool
has_column(sb_columns columns, int32_t column)
{
    for (int32_t i = 0; i < columns.count; i++) {
        if (columns.at[i] == column) {
            return true;
        }
    }
    return false;
}

static sb_status
value_columns(const sb_table_desc *table, const char *prefix, sb_arena *arena, sb_kafka_options *o,
              sb_error *err)
{
    sb_str include = sb_str_of(sb_table_option(table, "value.fields-include", "ALL"));
    bool all = sb_str_equal_nocase(include, SB_STR("ALL"));
    if (!all && !sb_str_equal_nocase(include, SB_STR("EXCEPT_KEY"))) {
        return sb_table_option_bad(table, "value.fields-include", "expected ALL or EXCEPT_KEY",
                                   err);
    }
    if (all && *prefix) {
        return sb_table_option_bad(
            table, "key.fields-prefix",
            "needs 'value.fields-include' = 'EXCEPT_KEY': with ALL the key columns are in the "
            "value too, under two names",
            err);
    }
    int32_t *at = SB_NEW_ARRAY(arena, int32_t, table->columns->count + 1);
    if (!at) {
        SB_NOMEM(err);
    }
    o->value.columns = (sb_columns){0, at};
    for (int32_t i = 0; i < table->columns->count; i++) {
        if (all || !has_column(o->key.columns, i)) {
            at[o->value.columns.count++] = i;
        }
    }
    return SB_OK;
}

/* The table's primary key within the columns of the part; none if one of them is not there. */
static sb_status
part_key(const sb_table_desc *table, sb_arena *arena, sb_kafka_part *part, sb_error *err)
{
    int32_t *key = SB_NEW_ARRAY(arena, int32_t, table->primary_key.count + 1);
    if (!key) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < table->primary_key.count; i++) {
        int32_t place = 0;
        while (place < part->columns.count && part->columns.at[place] != table->primary_key.at[i]) {
            place++;
        }
        if (place == part->columns.count) {
            return SB_OK;
        }
        key[i] = place;
    }
    part->table.count_key = table->primary_key.count;
    part->table.key = key;
    return SB_OK;
}

static const char *
part_get(const void *ctx, const char *key)
{
    const sb_kafka_part *part = ctx;
    const char *value = part->plain.get(part->plain.ctx, key);
    return value || strcmp(key, "subject") != 0 ? value : part->subject;
}

static void
part_blame(const void *ctx, const char *key, sb_error *err)
{
    const sb_kafka_part *part = ctx;
    part->plain.blame(part->plain.ctx, key, err);
}

static sb_status
fill_part(const sb_table_desc *table, const char *strip, sb_arena *arena, sb_kafka_part *part,
          sb_error *err)
{
    const char *prefix = part->bridge.prefix;
    sb_schema *schema = SB_NEW(arena, sb_schema);
    sb_field *fields = SB_NEW_ARRAY(arena, sb_field, part->columns.count + 1);
    if (!schema || !fields) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < part->columns.count; i++) {
        fields[i] = table->columns->fields[part->columns.at[i]];
        fields[i].name += strlen(strip);
    }
    *schema = (sb_schema){part->columns.count, fields};
    sb_table_for_format(table, part->format, &part->bridge, &part->table);
    part->table.columns = schema;
    part->table.count_key = 0;
    part->table.key = NULL;
    part->bridge.prefix = prefix;
    part->plain = part->table.options;
    part->table.options = (sb_format_options){part_get, part_blame, part};
    return part_key(table, arena, part, err);
}

/* --- what formats take --- */

static bool
inserts_only(const sb_format_facts *facts)
{
    return facts->row_ops == SB_ROWS_INSERT;
}

static sb_status
check_key(const sb_table_desc *table, sb_kafka_side side, sb_kafka_options *o, sb_error *err)
{
    sb_format_facts facts;
    if (!o->key.format) {
        return SB_OK;
    }
    SB_TRY(o->key.format->check(&o->key.table, side == SB_KAFKA_SOURCE, &facts, err), err);
    return inserts_only(&facts)
               ? SB_OK
               : sb_table_option_bad(table, "key.format",
                                     "makes a changelog; a key has inserts only", err);
}

static sb_status
check_value(const sb_table_desc *table, sb_kafka_side side, sb_kafka_options *o, sb_error *err)
{
    sb_format_facts facts;
    const char *name = o->value.bridge.prefix == o->value.format->name ? "format" : "value.format";
    SB_TRY(o->value.format->check(&o->value.table, side == SB_KAFKA_SOURCE, &facts, err), err);
    o->value_facts = facts;
    if (o->upsert) {
        return inserts_only(&facts)
                   ? SB_OK
                   : sb_table_option_bad(
                         table, name,
                         "makes a changelog; 'upsert-kafka' takes formats of inserts only", err);
    }
    if (table->primary_key.count > 0 && inserts_only(&facts)) {
        sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                     "table '%s': no PRIMARY KEY with the format '%s' of inserts only: nothing "
                     "would keep it",
                     table->name, o->value.format->name);
        sb_error_hint(err, "'connector' = 'upsert-kafka' has primary keys, or leave it out");
        sb_table_option_blame(table, name, err);
        return SB_STATUS_INVALID;
    }
    return SB_OK;
}

sb_status
sb_kafka_fill_parts(const sb_table_desc *table, sb_kafka_side side, sb_arena *arena,
                    sb_kafka_options *o, sb_error *err)
{
    const char *prefix = sb_table_option(table, "key.fields-prefix", "");
    if (o->upsert && table->primary_key.count == 0) {
        sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                     "table '%s': connector 'upsert-kafka' needs a PRIMARY KEY", table->name);
        sb_error_hint(err, "its columns are the key of the messages: PRIMARY KEY (...) NOT "
                           "ENFORCED");
        return SB_STATUS_INVALID;
    }
    SB_TRY(key_columns(table, arena, o, err), err);
    for (int32_t i = 0; i < o->key.columns.count; i++) {
        SB_TRY(check_prefix(table, prefix, table->columns->fields[o->key.columns.at[i]].name,
                            o->upsert, err),
               err);
    }
    SB_TRY(value_columns(table, prefix, arena, o, err), err);
    if (o->count_topics == 1) {
        o->key.subject = sb_arena_printf(arena, "%s-key", o->topics[0]);
        o->value.subject = sb_arena_printf(arena, "%s-value", o->topics[0]);
        if (!o->key.subject || !o->value.subject) {
            SB_NOMEM(err);
        }
    }
    if (o->key.format) {
        SB_TRY(fill_part(table, prefix, arena, &o->key, err), err);
    }
    SB_TRY(fill_part(table, "", arena, &o->value, err), err);
    SB_TRY(check_key(table, side, o, err), err);
    return check_value(table, side, o, err);
}
