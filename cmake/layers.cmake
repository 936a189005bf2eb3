# Helpers that turn the folders of the repository into targets.
#
#   sb_<layer>       object library: the sources of src/<layer>, compiled once
#   sabot_<layer>    archive of the same objects; a unit test links only the archives its layer may use,
#                    so a layer that does not compile today stops nobody below it
#   sabot_static     all layers in one archive           libsabot.so    the same, exporting sabot_* only
#   sabot            the program                         sabot-sim      the simulator
#   <name>_test      src/**/<name>_test.c (cmocka)       <name>_fuzz    fuzz/<name>_fuzz.c
#   bench_<name>     bench/<name>.c                      <name>_bench   src/**/<name>_bench.c

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/layers.txt)
file(STRINGS ${CMAKE_SOURCE_DIR}/tools/layers.txt layer_lines REGEX "^layer ")
foreach(line IN LISTS layer_lines)
    if(NOT line MATCHES "^layer ([a-z_]+):(.*)$")
        message(FATAL_ERROR "tools/layers.txt: cannot read '${line}'")
    endif()
    separate_arguments(uses UNIX_COMMAND "${CMAKE_MATCH_2}")
    set(SB_USES_${CMAKE_MATCH_1} "${uses}")
endforeach()

set(SB_NOT_PRODUCT "_(test|bench|testing)\\.c$") # beside the code, but not part of it

function(sb_glob out folder)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS
        ${CMAKE_SOURCE_DIR}/${folder}/*.c ${CMAKE_SOURCE_DIR}/${folder}/*.cc)
    list(SORT found)
    set(${out} ${found} PARENT_SCOPE)
endfunction()

# sb_layer(<folder of src/> [PROGRAM])
function(sb_layer layer)
    cmake_parse_arguments(PARSE_ARGV 1 arg "PROGRAM" "" "")
    if(NOT DEFINED SB_USES_${layer})
        message(FATAL_ERROR "layer ${layer} has no line in tools/layers.txt")
    endif()
    sb_glob(sources src/${layer})
    list(FILTER sources EXCLUDE REGEX ${SB_NOT_PRODUCT})
    if(NOT sources)
        return()
    endif()
    get_property(libraries GLOBAL PROPERTY SB_LAYER_LIBRARIES_${layer})
    get_property(definitions GLOBAL PROPERTY SB_LAYER_DEFINITIONS_${layer})

    add_library(sb_${layer} OBJECT ${sources})
    target_link_libraries(sb_${layer} PUBLIC sabot_flags PRIVATE ${libraries})
    target_compile_definitions(sb_${layer} PRIVATE ${definitions})

    add_library(sabot_${layer} STATIC EXCLUDE_FROM_ALL $<TARGET_OBJECTS:sb_${layer}>)
    target_link_libraries(sabot_${layer} PUBLIC sabot_flags ${libraries})
    foreach(used IN LISTS SB_USES_${layer})
        if(TARGET sabot_${used})
            target_link_libraries(sabot_${layer} PUBLIC sabot_${used})
        endif()
    endforeach()

    if(arg_PROGRAM)
        set_property(GLOBAL APPEND PROPERTY SB_PROGRAM_LAYERS ${layer})
    else()
        set_property(GLOBAL APPEND PROPERTY SB_LIBRARY_LAYERS ${layer})
        set_property(GLOBAL APPEND PROPERTY SB_LIBRARIES ${libraries})
    endif()
endfunction()

function(sb_library)
    get_property(layers GLOBAL PROPERTY SB_LIBRARY_LAYERS)
    if(NOT layers)
        return()
    endif()
    get_property(libraries GLOBAL PROPERTY SB_LIBRARIES)
    list(REMOVE_DUPLICATES libraries)
    list(TRANSFORM layers REPLACE "(.+)" "$<TARGET_OBJECTS:sb_\\1>" OUTPUT_VARIABLE objects)

    add_library(sabot_static STATIC ${objects})
    target_link_libraries(sabot_static PUBLIC sabot_flags ${libraries})

    add_library(sabot_shared SHARED ${objects})
    target_link_libraries(sabot_shared PRIVATE sabot_flags ${libraries})
    set_target_properties(sabot_shared PROPERTIES
        OUTPUT_NAME sabot VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
        LINK_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/sabot.map LINKER_LANGUAGE CXX)
    target_link_options(sabot_shared PRIVATE -Wl,--version-script=${CMAKE_SOURCE_DIR}/cmake/sabot.map)
    if(SABOT_SANITIZE STREQUAL "none" AND NOT SABOT_FUZZ)
        target_link_options(sabot_shared PRIVATE -Wl,--no-undefined)
    endif()

    file(RELATIVE_PATH SB_PC_PREFIX /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p) # wherever it is installed
    configure_file(${CMAKE_SOURCE_DIR}/cmake/sabot.pc.in ${CMAKE_BINARY_DIR}/sabot.pc @ONLY)
    install(TARGETS sabot_shared EXPORT sabotTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
    set_target_properties(sabot_shared PROPERTIES EXPORT_NAME sabot)
    target_include_directories(sabot_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/sabot)
    include(CMakePackageConfigHelpers)
    configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/sabotConfig.cmake.in ${CMAKE_BINARY_DIR}/sabotConfig.cmake
        INSTALL_DESTINATION ${package_dir})
    write_basic_package_version_file(${CMAKE_BINARY_DIR}/sabotConfigVersion.cmake COMPATIBILITY SameMinorVersion)
    install(EXPORT sabotTargets NAMESPACE sabot:: DESTINATION ${package_dir})
    install(FILES ${CMAKE_BINARY_DIR}/sabotConfig.cmake ${CMAKE_BINARY_DIR}/sabotConfigVersion.cmake
        DESTINATION ${package_dir})
    install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/sabot DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} OPTIONAL)
    install(FILES ${CMAKE_BINARY_DIR}/generated/sabot/version.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sabot)
    install(FILES ${CMAKE_BINARY_DIR}/sabot.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

function(sb_program)
    get_property(layers GLOBAL PROPERTY SB_PROGRAM_LAYERS)
    if(NOT TARGET sb_cli OR NOT TARGET sabot_static)
        return()
    endif()
    add_executable(sabot)
    foreach(layer IN LISTS layers)
        get_property(libraries GLOBAL PROPERTY SB_LAYER_LIBRARIES_${layer})
        target_sources(sabot PRIVATE $<TARGET_OBJECTS:sb_${layer}>)
        target_link_libraries(sabot PRIVATE ${libraries})
    endforeach()
    target_link_libraries(sabot PRIVATE sabot_static)
    if(SABOT_MIMALLOC) # before libc, and although nothing asks for its names
        target_link_libraries(sabot PRIVATE -Wl,--push-state,--no-as-needed ${SABOT_MIMALLOC} -Wl,--pop-state)
    endif()
    set_target_properties(sabot PROPERTIES LINKER_LANGUAGE CXX)
    install(TARGETS sabot RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    # Man pages and completion scripts are made by the program itself.
    install(CODE "
        set(share \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/share\")
        file(MAKE_DIRECTORY \"\${share}/man/man1\" \"\${share}/bash-completion/completions\"
             \"\${share}/zsh/site-functions\" \"\${share}/fish/vendor_completions.d\")
        execute_process(COMMAND \"$<TARGET_FILE:sabot>\" help --man \"\${share}/man/man1\" COMMAND_ERROR_IS_FATAL ANY)
        foreach(pair bash=bash-completion/completions/sabot zsh=zsh/site-functions/_sabot fish=fish/vendor_completions.d/sabot.fish)
            string(REPLACE = \";\" pair \${pair})
            list(GET pair 0 shell)
            list(GET pair 1 file)
            execute_process(COMMAND \"$<TARGET_FILE:sabot>\" completion \${shell} OUTPUT_FILE \"\${share}/\${file}\"
                            COMMAND_ERROR_IS_FATAL ANY)
        endforeach()
    ")
endfunction()

# sim/main.c and its friends. sim/*_test.c are unit tests of the simulator's own parts.
function(sb_simulator)
    sb_glob(sources sim)
    list(FILTER sources EXCLUDE REGEX ${SB_NOT_PRODUCT})
    list(FILTER sources EXCLUDE REGEX "/sim/main\\.c$")
    if(NOT EXISTS ${CMAKE_SOURCE_DIR}/sim/main.c OR NOT TARGET sabot_static)
        return()
    endif()
    add_executable(sabot-sim ${CMAKE_SOURCE_DIR}/sim/main.c)
    if(sources)
        add_library(sabot_sim STATIC ${sources})
        target_include_directories(sabot_sim PUBLIC ${CMAKE_SOURCE_DIR})
        target_link_libraries(sabot_sim PUBLIC sabot_static)
        target_link_libraries(sabot-sim PRIVATE sabot_sim)
    endif()
    target_include_directories(sabot-sim PRIVATE ${CMAKE_SOURCE_DIR})
    target_link_libraries(sabot-sim PRIVATE sabot_static)
    set_target_properties(sabot-sim PROPERTIES LINKER_LANGUAGE CXX)
endfunction()

# What every test sees. A sanitizer's options are here so that a bare ctest has them too.
set(SB_TEST_ENVIRONMENT
    "SABOT=${CMAKE_BINARY_DIR}/sabot"
    "SABOT_SIM=${CMAKE_BINARY_DIR}/sabot-sim"
    "SABOT_LIB=${CMAKE_BINARY_DIR}/libsabot.so"
    "SABOT_ROOT=${CMAKE_SOURCE_DIR}"
    "SABOT_BUILD=${CMAKE_BINARY_DIR}"
    "SABOT_SANITIZE=${SABOT_SANITIZE}"
    "ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1:abort_on_error=0"
    "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tools/lsan.supp:print_suppressions=0"
    "UBSAN_OPTIONS=print_stacktrace=1"
    "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tools/tsan.supp:ignore_noninstrumented_modules=1:second_deadlock_stack=1")

# Sanitized programs are slower; tests give their limit for the plain build.
set(SB_TIMEOUT_FACTOR 1)
if(NOT SABOT_SANITIZE STREQUAL "none")
    set(SB_TIMEOUT_FACTOR 5)
endif()

# sabot_add_test(NAME <name> LABEL <suite> [TIMEOUT <seconds>] [ENVIRONMENT <K=V>...] [SERIAL]
#                [DIRECTORY <dir>] COMMAND <program> <argument>...)
# Exit code 77 means skipped; a skip must be listed in tests/allowed-skips.txt. A first word that ends
# in .py runs under the Python of the test environment.
function(sabot_add_test)
    cmake_parse_arguments(PARSE_ARGV 0 arg "SERIAL" "NAME;LABEL;TIMEOUT;DIRECTORY" "ENVIRONMENT;COMMAND")
    if(NOT arg_NAME OR NOT arg_LABEL OR NOT arg_COMMAND OR arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "sabot_add_test: NAME, LABEL and COMMAND are needed (${arg_UNPARSED_ARGUMENTS})")
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 120)
    endif()
    math(EXPR timeout "${arg_TIMEOUT} * ${SB_TIMEOUT_FACTOR}")
    list(GET arg_COMMAND 0 program)
    if(program MATCHES "\\.py$")
        list(PREPEND arg_COMMAND ${CMAKE_SOURCE_DIR}/tools/python.sh)
    endif()
    if(NOT arg_DIRECTORY)
        set(arg_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    endif()
    add_test(NAME ${arg_NAME} COMMAND ${arg_COMMAND} WORKING_DIRECTORY ${arg_DIRECTORY})
    set_tests_properties(${arg_NAME} PROPERTIES
        LABELS ${arg_LABEL} TIMEOUT ${timeout} SKIP_RETURN_CODE 77
        RUN_SERIAL ${arg_SERIAL} ENVIRONMENT "${SB_TEST_ENVIRONMENT};${arg_ENVIRONMENT}")
endfunction()

# What the thread sanitizer is built for: everything else has one thread.
set(SB_THREADED_TESTS threads_test modes_test channel_test gate_test engine_test snapshot_thread_test io_test os_test mem_test)

function(sb_unit_tests)
    sb_glob(all src)
    sb_glob(sim_sources sim)
    list(APPEND all ${sim_sources})

    # *_testing.c: helpers shared by the unit tests, compiled once.
    set(helpers ${all})
    list(FILTER helpers INCLUDE REGEX "_testing\\.c$")
    set(tests ${all})
    list(FILTER tests INCLUDE REGEX "_test\\.c$")
    foreach(source IN LISTS tests)
        get_filename_component(name ${source} NAME_WE)
        file(RELATIVE_PATH relative ${CMAKE_SOURCE_DIR} ${source})
        string(REGEX REPLACE "^(src/)?([a-z_]+)/.*$" "\\2" layer ${relative})
        set(library sabot_${layer})
        if(NOT TARGET ${library})
            continue() # tests of headers alone come into force with the layer's first source
        endif()
        if(SABOT_SANITIZE STREQUAL "thread" AND NOT name IN_LIST SB_THREADED_TESTS)
            continue()
        endif()
        # Lives that must go wrong: that they do is no question to a sanitizer, and takes minutes.
        if(NOT SABOT_SANITIZE STREQUAL "none" AND name STREQUAL "mutants_test")
            continue()
        endif()
        if(TARGET ${name})
            set(name ${layer}_${name}) # two folders have a test of this name
        endif()
        add_executable(${name} ${source})
        get_property(definitions GLOBAL PROPERTY SB_LAYER_DEFINITIONS_${layer})
        target_compile_definitions(${name} PRIVATE ${definitions})
        target_link_libraries(${name} PRIVATE ${library} PkgConfig::CMOCKA)
        if(helpers)
            # Each test takes the helpers of the layers it may see; the linker drops the rest.
            sb_testing_for(${name} ${layer} "${helpers}")
        endif()
        set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/unit)
        sabot_add_test(NAME ${name} LABEL unit COMMAND ${name} DIRECTORY ${CMAKE_BINARY_DIR} TIMEOUT 120)
    endforeach()
endfunction()

# Links the *_testing.c helpers of `layer` and of the layers it may use.
function(sb_testing_for target layer helpers)
    set(seen ${layer})
    set(queue ${layer})
    while(queue)
        list(POP_FRONT queue one)
        foreach(used IN LISTS SB_USES_${one})
            if(NOT used IN_LIST seen)
                list(APPEND seen ${used})
                list(APPEND queue ${used})
            endif()
        endforeach()
    endwhile()
    foreach(one IN LISTS seen)
        set(mine ${helpers})
        list(FILTER mine INCLUDE REGEX "^${CMAKE_SOURCE_DIR}/(src/)?${one}/")
        if(NOT mine)
            continue()
        endif()
        if(NOT TARGET sabot_${one}_testing)
            add_library(sabot_${one}_testing STATIC EXCLUDE_FROM_ALL ${mine})
            target_link_libraries(sabot_${one}_testing PUBLIC sabot_flags PkgConfig::CMOCKA)
            if(TARGET sabot_${one})
                target_link_libraries(sabot_${one}_testing PUBLIC sabot_${one})
            endif()
        endif()
        target_link_libraries(${target} PRIVATE sabot_${one}_testing)
    endforeach()
endfunction()

# fuzz/<name>_fuzz.c holds LLVMFuzzerTestOneInput; other files of fuzz/ are shared by all of them.
function(sb_fuzzers)
    sb_glob(sources fuzz)
    set(shared ${sources})
    list(FILTER shared EXCLUDE REGEX "(_fuzz\\.c|/driver\\.c)$")
    list(FILTER sources INCLUDE REGEX "_fuzz\\.c$")
    if(NOT TARGET sabot_static OR SABOT_SANITIZE STREQUAL "thread")
        return()
    endif()
    foreach(source IN LISTS sources)
        get_filename_component(target ${source} NAME_WE)
        string(REGEX REPLACE "_fuzz$" "" name ${target})
        set(corpus ${CMAKE_SOURCE_DIR}/fuzz/corpus/${name})
        add_executable(${target} ${source} ${shared})
        target_link_libraries(${target} PRIVATE sabot_static)
        set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
        if(SABOT_FUZZ)
            target_link_options(${target} PRIVATE -fsanitize=fuzzer)
            file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz/found/${name})
            set(found ${CMAKE_BINARY_DIR}/fuzz/found/${name})
            if(EXISTS ${corpus})
                list(APPEND found ${corpus})
            endif()
            math(EXPR limit "${SABOT_FUZZ_SECONDS} + 60")
            sabot_add_test(NAME ${target} LABEL fuzz TIMEOUT ${limit} DIRECTORY ${CMAKE_BINARY_DIR}/fuzz
                COMMAND ${target} -max_total_time=${SABOT_FUZZ_SECONDS} -timeout=10 -rss_limit_mb=2048
                        -print_final_stats=1 ${found})
        else()
            target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/fuzz/driver.c)
            sabot_add_test(NAME ${target} LABEL fuzz COMMAND ${target} ${corpus} DIRECTORY ${CMAKE_BINARY_DIR})
        endif()
    endforeach()
endfunction()

function(sb_benchmarks)
    if(NOT TARGET sabot_static)
        return()
    endif()
    file(GLOB programs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/*.c)
    sb_glob(beside src)
    list(FILTER beside INCLUDE REGEX "_bench\\.c$")
    foreach(source IN LISTS programs beside)
        get_filename_component(name ${source} NAME_WE)
        if(source IN_LIST programs)
            set(name bench_${name})
        endif()
        add_executable(${name} ${source})
        target_link_libraries(${name} PRIVATE sabot_static)
        set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
    endforeach()
endfunction()
