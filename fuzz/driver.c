/*
 * fuzz/driver.c -- replays a corpus through a fuzz target without libFuzzer.
 *
 * DESIGN     Every argument is a file or a folder; each file found is one input, in the order of
 *            its name, and the empty input comes first. The name is printed before the run, so the
 *            last line of a crash names the input. A folder that does not exist counts as empty: a
 *            new target needs no corpus to start.
 * OWNERSHIP  Each input is an exact heap copy: the address sanitizer sees a read past its end.
 * THREADS    One.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

static int count_inputs;

static bool
driver_run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    struct stat st;
    size_t size;

    if (file == NULL || fstat(fileno(file), &st) != 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        if (file != NULL) {
            fclose(file);
        }
        return false;
    }
    size = (size_t)st.st_size;
    data = malloc(size > 0 ? size : 1);
    if (data == NULL || fread(data, 1, size, file) != size) {
        fprintf(stderr, "%s: cannot read %zu bytes\n", path, size);
        fclose(file);
        free(data);
        return false;
    }
    fclose(file);
    fprintf(stderr, "input %s (%zu bytes)\n", path, size);
    (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
    count_inputs++;
    return true;
}

static int
driver_not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool
driver_run(const char *path)
{
    struct dirent **entries = NULL;
    struct stat st;
    bool ok = true;
    int count;

    if (stat(path, &st) != 0) {
        fprintf(stderr, "no corpus at %s\n", path);
        return errno == ENOENT;
    }
    if (!S_ISDIR(st.st_mode)) {
        return driver_run_file(path);
    }
    count = scandir(path, &entries, driver_not_hidden, alphasort);
    for (int i = 0; i < count; i++) {
        char name[4096];

        snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
        ok = driver_run(name) && ok;
        free(entries[i]);
    }
    free(entries);
    return ok && count >= 0;
}

int
main(int argc, char **argv)
{
    static const uint8_t nothing[1];
    bool ok = true;

    if (LLVMFuzzerInitialize != NULL) {
        (void)LLVMFuzzerInitialize(&argc, &argv);
    }
    (void)LLVMFuzzerTestOneInput(nothing, 0);
    for (int i = 1; i < argc; i++) {
        ok = driver_run(argv[i]) && ok;
    }
    printf("%d inputs replayed\n", count_inputs);
    return ok ? 0 : 1;
}
