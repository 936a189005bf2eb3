/*
 * engine/json_text.h -- writing JSON strings for people's tools (metrics, inspect, EXPLAIN).
 *
 * THREADS    T:any
 */
#ifndef SB_ENGINE_JSON_TEXT_H
#define SB_ENGINE_JSON_TEXT_H

#include "base/text.h"

void sb_engine_json_string(sb_text *out, const char *text); /* with quotes */

#endif
