/*
 * formats/json_index.cc -- see json_index.h: simdjson's first stage, chosen for the CPU at run
 * time.
 */
#include "formats/json_index.h"

#include <simdjson.h>

#include <memory>
#include <new>

struct sb_json_index {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> impl;
    size_t capacity;
};

sb_json_index *
sb_json_index_new(size_t capacity)
{
    auto *ix = new (std::nothrow) sb_json_index;
    if (!ix) {
        return nullptr;
    }
    capacity = (capacity + 63) / 64 * 64;
    auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
        capacity, 1, ix->impl);
    if (error) {
        delete ix;
        return nullptr;
    }
    ix->capacity = capacity;
    return ix;
}

void
sb_json_index_free(sb_json_index *ix)
{
    delete ix;
}

size_t
sb_json_index_bytes(size_t capacity)
{
    return (capacity + 64) * sizeof(uint32_t) + 1024;
}

size_t
sb_json_index_capacity(const sb_json_index *ix)
{
    return ix->capacity;
}

sb_json_index_result
sb_json_index_run(sb_json_index *ix, const char *data, size_t size, const uint32_t **positions,
                  uint32_t *count)
{
    auto *impl = ix->impl.get();
    *positions = impl->structural_indexes.get();
    *count = 0;
    auto error =
        impl->stage1(reinterpret_cast<const uint8_t *>(data), size, simdjson::stage1_mode::regular);
    switch (error) {
    case simdjson::SUCCESS: *count = impl->n_structural_indexes; break;
    case simdjson::EMPTY: break;
    case simdjson::UTF8_ERROR: return SB_JSON_INDEX_UTF8;
    case simdjson::UNESCAPED_CHARS: return SB_JSON_INDEX_CONTROL;
    case simdjson::MEMALLOC:
    case simdjson::CAPACITY: return SB_JSON_INDEX_NOMEM;
    default: return SB_JSON_INDEX_UNCLOSED;
    }
    for (uint32_t i = 0; i < SB_JSON_INDEX_TAIL; i++) {
        impl->structural_indexes[*count + i] = static_cast<uint32_t>(size);
    }
    return SB_JSON_INDEX_OK;
}
