/*
 * connectors/print/java_text.h -- a value as the toString of its Java object in Flink's Row.
 */
#ifndef SB_CONNECTORS_PRINT_JAVA_TEXT_H
#define SB_CONNECTORS_PRINT_JAVA_TEXT_H

#include "columnar/vector.h"

/* Appends the value of a physical row; NULL is "null". */
void sb_java_text(const sb_vector *v, int32_t row, sb_text *out);

#endif
