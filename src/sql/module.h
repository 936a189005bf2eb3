/*
 * sql/module.h -- the module `core`, which the built-in functions belong to.
 *
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_MODULE_H
#define SB_SQL_MODULE_H

#include "sql/ast.h"

/* Is a built-in function there although the module core is not loaded? Name in capitals. */
bool sb_module_keeps(const char *name);
/* A function of a module that is not loaded. */
sb_status sb_module_unknown(sb_error *err, const char *name, int32_t begin, int32_t end);

#endif
