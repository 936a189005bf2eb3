/*
 * kernels/calendar.h -- parts of the calendar for whole columns of moments.
 *
 * DESIGN     The same answers as kernels/time.h gives one by one, without divisions of 64 bits and
 * without branches. Days far away (before the year -4000, after 18000) are left to that.
 * THREADS    T:any
 */
#ifndef SB_KERNELS_CALENDAR_H
#define SB_KERNELS_CALENDAR_H

#include "kernels/time.h"

#define SB_CALENDAR_BLOCK 512 /* at most so many values at a time */

/* As sb_us_days. */
void sb_calendar_days(int32_t *days, const int64_t *us, int32_t count);
/* YEAR, QUARTER, MONTH, WEEK, DAY, DOY, DOW of days since 1970; false: nothing done, another unit
 * or a day too far away. */
bool sb_calendar_extract(sb_time_unit unit, int64_t *out, const int32_t *days, int32_t count);
/* The first microsecond of the YEAR or MONTH of days since 1970; false: nothing done, another unit
 * or a day too far away, also before the Gregorian calendar. */
bool sb_calendar_floor(sb_time_unit unit, int64_t *out, const int32_t *days, int32_t count);

#endif
