/*
 * expr/zone.h -- time zones: between instants (UTC) and local times, with daylight saving as
 * java.time does it.
 *
 * DESIGN     Named zones come from the TZif files of the system (version 2 or later, with the rule
 * for the future in the footer); fixed offsets are written "UTC+8", "GMT-03:30", "+08:00", "Z". A
 * local time in an overlap takes the earlier instant; one in a gap moves forward by the length of
 * the gap. OWNERSHIP  Zones are loaded once and live as long as the process. THREADS    T:any
 */
#ifndef SB_EXPR_ZONE_H
#define SB_EXPR_ZONE_H

#include "base/os/os.h"

typedef struct sb_zone sb_zone;

/* NOT_FOUND: no such zone. os is only used for the first load of a name. */
sb_status sb_zone_load(sb_os *os, const char *name, const sb_zone **out, sb_error *err);
const char *sb_zone_name(const sb_zone *zone);
int64_t sb_zone_to_local(const sb_zone *zone, int64_t utc_us);
int64_t sb_zone_to_utc(const sb_zone *zone, int64_t local_us);
/* As java.util.Calendar: of two instants the later one, where sb_zone_to_utc takes the earlier. */
int64_t sb_zone_to_utc_later(const sb_zone *zone, int64_t local_us);
bool sb_zone_is_utc(const sb_zone *zone); /* offset 0 for ever: conversions can be left out */
/* Seconds east of UTC at an instant. */
int32_t sb_zone_offset_s(const sb_zone *zone, int64_t utc_us);
/* Microseconds east of UTC as java.util.TimeZone has it: before 1900 today's standard offset. */
int64_t sb_zone_util_offset_us(const sb_zone *zone, int64_t utc_us);
/* For tests: reads a zone from the bytes of a TZif file; free with sb_zone_free. */
sb_status sb_zone_parse(sb_mem *mem, const char *name, const void *data, size_t size, sb_zone **out,
                        sb_error *err);
sb_zone *sb_zone_free(sb_zone *zone);

#endif
