# Third-party libraries. To add one: a row here, its Debian package in tools/packages.txt, its header in
# tools/layers.txt, a line in docs/dependencies.md.
#
#   sb_dependency(<name> <pkg-config module> LAYERS <layer>... [OPTIONAL])
#
# The named layers are compiled and linked with it, nobody else. An OPTIONAL one gets an option
# SABOT_WITH_<NAME> (default: on if found) and the layers see SB_HAVE_<NAME> as 0 or 1.
find_package(PkgConfig REQUIRED)

function(sb_dependency name module)
    cmake_parse_arguments(PARSE_ARGV 2 arg "OPTIONAL" "" "LAYERS")
    string(TOUPPER ${name} upper)
    string(MAKE_C_IDENTIFIER ${upper} upper)
    pkg_check_modules(${upper} QUIET IMPORTED_TARGET ${module})
    set(use ${${upper}_FOUND})
    if(arg_OPTIONAL)
        option(SABOT_WITH_${upper} "Build with ${name}" ${use})
        set(use ${SABOT_WITH_${upper}})
    endif()
    if(NOT ${upper}_FOUND AND (use OR NOT arg_OPTIONAL))
        message(FATAL_ERROR "${name} not found (pkg-config module ${module}): run tools/bootstrap.sh demo")
    endif()
    foreach(layer IN LISTS arg_LAYERS)
        if(use)
            set_property(GLOBAL APPEND PROPERTY SB_LAYER_LIBRARIES_${layer} PkgConfig::${upper})
        endif()
        if(arg_OPTIONAL)
            set_property(GLOBAL APPEND PROPERTY SB_LAYER_DEFINITIONS_${layer} SB_HAVE_${upper}=$<BOOL:${use}>)
        endif()
    endforeach()
endfunction()

sb_dependency(simdjson simdjson    LAYERS formats)                    # JSON data path, through one C++ shim
sb_dependency(jansson  jansson     LAYERS formats engine cli server)  # control-plane JSON
sb_dependency(xxhash   libxxhash   LAYERS base columnar ports state)  # hashes and checksums
sb_dependency(pcre2    libpcre2-8  LAYERS expr formats)                  # regular expressions
sb_dependency(openssl  libcrypto   LAYERS expr)                          # MD5 and the SHA family
sb_dependency(sqlite3  sqlite3     LAYERS engine)                     # catalogs in files
sb_dependency(yaml     yaml-0.1    LAYERS cli)                        # configuration files
sb_dependency(utf8proc libutf8proc LAYERS kernels expr cli)           # case and normal forms of Unicode
sb_dependency(curl     libcurl     LAYERS formats)                       # schema registries
sb_dependency(zlib     zlib        LAYERS formats)                       # .gz
sb_dependency(zstd     libzstd     LAYERS formats)                       # .zst
sb_dependency(lz4      liblz4      LAYERS formats)                       # .lz4

# librdkafka is loaded when a job needs it (connectors/kafka/rd_library.h): its header is all that is built with.
find_path(SABOT_RDKAFKA_HEADER librdkafka/rdkafka.h)
mark_as_advanced(SABOT_RDKAFKA_HEADER)
if(NOT SABOT_RDKAFKA_HEADER)
    message(FATAL_ERROR "librdkafka/rdkafka.h not found: run tools/bootstrap.sh demo")
endif()

# The heap of the program, in place of libc's: librdkafka allocates each message on one thread, and another frees it.
# The library leaves the choice to the program it is linked into; sanitizers bring their own heap.
find_library(SABOT_MIMALLOC mimalloc)
mark_as_advanced(SABOT_MIMALLOC)
if(SABOT_FUZZ OR NOT SABOT_SANITIZE MATCHES "^(none)?$")
    set(SABOT_MIMALLOC "")
elseif(NOT SABOT_MIMALLOC)
    message(FATAL_ERROR "libmimalloc not found: run tools/bootstrap.sh demo")
endif()

if(SABOT_TESTS)
    pkg_check_modules(CMOCKA REQUIRED QUIET IMPORTED_TARGET cmocka)
endif()
