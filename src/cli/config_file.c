/*
 * cli/config_file.c -- options from a file (--config, SABOT_CONFIG) and from the environment.
 *
 * DESIGN     What is found is put into the command line as --set KEY=VALUE in front of the words of
 *            the user: file, then environment, then flags, and each wins over the one before. The
 *            file is YAML, keys flat or nested as in Flink's config.yaml. A variable is named like
 *            its key: SABOT_PARALLELISM_DEFAULT is parallelism.default.
 * OWNERSHIP  the words live as long as the process.
 * THREADS    the main thread, at the start
 */
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "cli/cli.h"

enum { CONFIG_WORDS_MAX = 2 * SB_CLI_OPTIONS_MAX, CONFIG_DEPTH_MAX = 32 };

typedef struct config_words {
    char *at[CONFIG_WORDS_MAX];
    int count;
    const char *path;
    bool failed;
} config_words;

static void
config_fail(config_words *words, const char *what, size_t line)
{
    if (!words->failed) {
        fprintf(stderr, "error: %s:%zu: %s\n", words->path, line + 1, what);
    }
    words->failed = true;
}

static void
config_add(config_words *words, const char *key, const char *value)
{
    size_t size = strlen(key) + strlen(value) + 2;
    char *word = words->count + 2 <= CONFIG_WORDS_MAX ? malloc(size) : NULL;
    char *flag = word ? strdup("--set") : NULL;
    if (!flag) {
        fprintf(stderr, "error: too many options\n");
        free(word);
        words->failed = true;
        return;
    }
    snprintf(word, size, "%s=%s", key, value);
    words->at[words->count++] = flag;
    words->at[words->count++] = word;
}

/* ---- file ---- */

/* A list of scalars as Flink writes it on one line: a;b */
static void
config_list(config_words *words, yaml_document_t *document, const yaml_node_t *node,
            const char *key)
{
    char value[4096] = "";
    size_t size = 0;
    for (const yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        const yaml_node_t *one = yaml_document_get_node(document, *item);
        if (!one || one->type != YAML_SCALAR_NODE) {
            config_fail(words, "a list may hold plain values only", node->start_mark.line);
            return;
        }
        size += (size_t)snprintf(value + size, sizeof value - size, "%s%s", size > 0 ? ";" : "",
                                 (const char *)one->data.scalar.value);
        if (size >= sizeof value) {
            config_fail(words, "the list is too long", node->start_mark.line);
            return;
        }
    }
    config_add(words, key, value);
}

static void
config_node(config_words *words, yaml_document_t *document, const yaml_node_t *node,
            const char *prefix, int depth)
{
    if (depth > CONFIG_DEPTH_MAX) {
        config_fail(words, "nested too deeply", node->start_mark.line);
        return;
    }
    if (node->type == YAML_SCALAR_NODE && *prefix) {
        config_add(words, prefix, (const char *)node->data.scalar.value);
        return;
    }
    if (node->type == YAML_SEQUENCE_NODE && *prefix) {
        config_list(words, document, node, prefix);
        return;
    }
    if (node->type != YAML_MAPPING_NODE) {
        config_fail(words, "key: value is expected", node->start_mark.line);
        return;
    }
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top && !words->failed; pair++) {
        const yaml_node_t *key = yaml_document_get_node(document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(document, pair->value);
        char name[512];
        if (!key || !value || key->type != YAML_SCALAR_NODE ||
            (size_t)snprintf(name, sizeof name, "%s%s%s", prefix, *prefix ? "." : "",
                             (const char *)key->data.scalar.value) >= sizeof name) {
            config_fail(words, "the key is no plain text", node->start_mark.line);
            return;
        }
        config_node(words, document, value, name, depth + 1);
    }
}

static void
config_read(config_words *words)
{
    yaml_parser_t parser;
    yaml_document_t document;
    size_t size;
    char *text = sb_cli_read_file(words->path, &size);
    if (!text || !yaml_parser_initialize(&parser)) {
        words->failed = true;
        free(text);
        return;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    if (yaml_parser_load(&parser, &document)) {
        const yaml_node_t *root = yaml_document_get_root_node(&document);
        if (root) {
            config_node(words, &document, root, "", 0);
        }
        yaml_document_delete(&document);
    } else {
        config_fail(words, parser.problem ? parser.problem : "no YAML", parser.problem_mark.line);
    }
    yaml_parser_delete(&parser);
    free(text);
}

/* ---- environment ---- */

static void
config_environment(config_words *words)
{
    sabot_option_info option;
    for (int32_t i = 0; sabot_option_describe(i, &option); i++) {
        char name[256];
        size_t size = (size_t)snprintf(name, sizeof name, "SABOT_%s", option.key);
        for (size_t k = 6; k < size && k < sizeof name; k++) {
            char c = name[k];
            name[k] = c == '.' || c == '-' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
        }
        const char *value = getenv(name);
        if (value && *value) {
            config_add(words, option.key, value);
        }
    }
}

/* ---- command line ---- */

/* Takes --config FILE out of the words in front of the verb or behind it. */
static const char *
config_flag(int *argc, char **argv, bool *out_bad)
{
    const char *path = getenv("SABOT_CONFIG");
    for (int i = 1; i < *argc; i++) {
        bool joined = strncmp(argv[i], "--config=", 9) == 0;
        if (!joined && strcmp(argv[i], "--config") != 0) {
            continue;
        }
        if (!joined && i + 1 == *argc) {
            *out_bad = true;
            return NULL;
        }
        int taken = joined ? 1 : 2;
        path = joined ? argv[i] + 9 : argv[i + 1];
        memmove(argv + i, argv + i + taken, sizeof *argv * (size_t)(*argc - i - taken + 1));
        *argc -= taken;
        i--;
    }
    return path && *path ? path : NULL;
}

int
sb_cli_configure(int *argc, char ***argv, char ***out_made)
{
    static config_words words; /* the command line points into it */
    bool bad = false;
    words.path = config_flag(argc, *argv, &bad);
    if (bad) {
        return sb_cli_usage("run", "option --config needs a value");
    }
    if (words.path) {
        config_read(&words);
    }
    config_environment(&words);
    if (words.failed) {
        return SB_EXIT_USAGE;
    }
    return sb_cli_put_words(argc, argv, words.at, words.count, out_made);
}
