/*
 * engine/editor.c -- help for editors: tokens of unfinished text, and words that could stand in it.
 *
 * THREADS    sabot_complete: the engine's thread; the others: any.
 */
#include <string.h>

#include "engine/engine_priv.h"
#include "plan/settings.h"
#include "registry/registry.h"
#include "sql/words.h"

bool
sabot_is_complete(const char *text, size_t size)
{
    return sb_sql_is_complete(text, size);
}

bool
sabot_next_token(const char *text, size_t size, size_t *at, size_t *out_begin,
                 sabot_token *out_token)
{
    sb_word_kind kind = SB_WORD_BAD;
    bool found = sb_sql_scan(text, size, at, out_begin, &kind);
    *out_token = (sabot_token)kind; /* the same names in the same order */
    return found;
}

typedef struct giver {
    const sb_words_place *place;
    void (*word)(void *ctx, const char *word);
    void *ctx;
} giver;

static void
give(const giver *g, const char *word)
{
    sb_str typed = g->place->typed;
    if (strlen(word) >= typed.size && sb_str_equal_nocase((sb_str){word, typed.size}, typed)) {
        g->word(g->ctx, word);
    }
}

static void
give_keys(const giver *g)
{
    const sb_setting *setting;
    for (int32_t i = 0; (setting = sb_setting_at(i)) != NULL; i++) {
        give(g, setting->key);
    }
}

static void
give_table_keys(const giver *g)
{
    const sb_connector *connector;
    give(g, "connector");
    for (int32_t i = 0; (connector = sb_registry_connector_at(i)) != NULL; i++) {
        for (const sb_option_spec *spec = connector->options; spec && spec->key; spec++) {
            give(g, spec->key);
        }
    }
}

static void
give_table_values(const giver *g)
{
    const sb_connector *connector;
    bool wants_connector = sb_str_equal(g->place->option_key, SB_STR("connector"));
    for (int32_t i = 0; wants_connector && (connector = sb_registry_connector_at(i)); i++) {
        give(g, connector->name);
    }
    if (sb_str_equal(g->place->option_key, SB_STR("format"))) {
        static const char *const formats[] = {"json", "csv", "raw", "changelog-json"};
        for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
            give(g, formats[i]);
        }
    }
}

void
sabot_complete(sabot_engine *engine, const char *text, size_t size, size_t cursor,
               size_t *out_begin, void (*word)(void *ctx, const char *word), void *ctx)
{
    sb_words_place place;
    sb_sql_words(engine->session, text, size, cursor, word, ctx, &place);
    giver g = {&place, word, ctx};
    if (place.want & SB_WORDS_OPTION) {
        give_keys(&g);
    }
    if (place.want & SB_WORDS_TABLE_OPTION) {
        give_table_keys(&g);
    }
    if (place.want & SB_WORDS_TABLE_OPTION_VALUE) {
        give_table_values(&g);
    }
    *out_begin = place.begin;
}
