/*
 * kernels/template.h -- names of functions made by *.tmpl.h files.
 */
#ifndef SB_KERNELS_TEMPLATE_H
#define SB_KERNELS_TEMPLATE_H

#define SB_KERNEL_PASTE(a, b, c) a##_##b##_##c
#define SB_KERNEL_NAME(a, b, c)  SB_KERNEL_PASTE(a, b, c) /* expands its parameters first */

#endif
