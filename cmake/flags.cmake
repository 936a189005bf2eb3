# What every target is compiled with: interface target sabot_flags.
#
# The shipped build never uses -march=native: the baseline is x86-64-v2, faster variants are chosen at
# run time. NDEBUG is never defined: sb_assert is always on. SB_DEBUG is 1 in Debug (sb_dassert).

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_CXX_STANDARD 17) # only for the simdjson shim
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Debug | RelWithDebInfo" FORCE)
endif()
foreach(lang C CXX)
    set(CMAKE_${lang}_FLAGS_DEBUG "-O1 -g")
    set(CMAKE_${lang}_FLAGS_RELWITHDEBINFO "-O3 -g")
    set(CMAKE_${lang}_FLAGS_RELEASE "-O3 -g")
endforeach()

add_library(sabot_flags INTERFACE)

target_compile_options(sabot_flags INTERFACE
    -Wall $<$<C_COMPILER_ID:GNU>:-Wno-maybe-uninitialized> $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation> -Wextra -Wshadow -Wvla -Wundef -Wwrite-strings -Wformat=2 -Wpointer-arith
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
    $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
    $<$<BOOL:${SABOT_WERROR}>:-Werror>
    -fno-common
    -fno-omit-frame-pointer
    -ffp-contract=off # a fused multiply-add would make results depend on the CPU variant
    -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=) # __FILE__ is relative to the repository

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    target_compile_options(sabot_flags INTERFACE -march=x86-64-v2)
endif()

target_link_options(sabot_flags INTERFACE -Wl,--as-needed) # a library not used costs nothing at start

target_compile_definitions(sabot_flags INTERFACE
    _GNU_SOURCE
    SB_DEBUG=$<IF:$<CONFIG:Debug>,1,0>)

target_include_directories(sabot_flags INTERFACE
    ${CMAKE_SOURCE_DIR}/src
    ${CMAKE_SOURCE_DIR}/include
    ${CMAKE_BINARY_DIR}/generated)

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
target_link_libraries(sabot_flags INTERFACE Threads::Threads m)

if(SABOT_FUZZ AND NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "SABOT_FUZZ needs clang: use the preset 'fuzz'")
endif()
set(sanitizers ${SABOT_SANITIZE})
if(SABOT_FUZZ)
    target_compile_options(sabot_flags INTERFACE -fsanitize=fuzzer-no-link)
    target_compile_definitions(sabot_flags INTERFACE FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION=1)
    if(sanitizers STREQUAL "none")
        set(sanitizers address,undefined)
    endif()
endif()
if(NOT sanitizers STREQUAL "none" AND NOT sanitizers STREQUAL "")
    target_compile_options(sabot_flags INTERFACE
        -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-optimize-sibling-calls)
    target_link_options(sabot_flags INTERFACE -fsanitize=${sanitizers})
endif()

if(SABOT_COVERAGE)
    target_compile_options(sabot_flags INTERFACE --coverage -fprofile-update=atomic)
    target_link_options(sabot_flags INTERFACE --coverage)
endif()

# Several builders share one machine: a compiler cache helps when it is installed.
find_program(CCACHE ccache)
if(CCACHE AND NOT SABOT_COVERAGE)
    set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=1 ${CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_C_COMPILER_LAUNCHER})
endif()
