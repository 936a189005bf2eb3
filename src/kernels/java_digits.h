/*
 * kernels/java_digits.h -- the digits of Double.toString and Float.toString of Java 17.
 *
 * DESIGN     Flink 2.3 runs on Java 17, whose digits are not always the shortest: 2.0E-3 is
 *            "0.002", but 123456792f is "1.23456792E8". Java 19 changed that. Results are compared
 *            with recorded ones as text, so the digits are made by Java 17's rules.
 * THREADS    T:any; no state.
 */
#ifndef SB_KERNELS_JAVA_DIGITS_H
#define SB_KERNELS_JAVA_DIGITS_H

#define SB_DIGITS_MAX 24

/* value: finite, not zero; its sign does not matter. value = 0.d1d2d3... * 10^*point. Returns
 * the count of digits. */
int sb_double_digits(double value, char digits[SB_DIGITS_MAX], int *point);
int sb_float_digits(float value, char digits[SB_DIGITS_MAX], int *point);

#endif
