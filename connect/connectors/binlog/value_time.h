/*
 * Dates and times on their way from text or cells to the fields of a record: the forms that time.precision.mode and
 * the column's type ask for. Task thread only.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_VALUE_TIME_H
#define CONNECT_CONNECTORS_BINLOG_VALUE_TIME_H

#include "common/base/arena.h"
#include "connect/connectors/binlog/config.h"
#include "connect/connectors/binlog/row_image.h"
#include "connect/connectors/binlog/table.h"
#include "connect/data/schema.h"
#include "connect/data/value.h"

#include <stdbool.h>
#include <stdint.h>

/* "2020-02-29", "-838:59:58.9", "2020-02-29 10:11:12.345678". False: another form. */
bool cdc_time_parse_date(const char *text, size_t len, struct binlog_time *out);
bool cdc_time_parse_time(const char *text, size_t len, struct binlog_time *out);
bool cdc_time_parse_datetime(const char *text, size_t len, struct binlog_time *out);

/* 0000-00-00 and the like: there is no such day. */
bool cdc_time_is_zero(const struct binlog_time *time);
/* Years of two digits become those of 1970 to 2069 (enable.time.adjuster). */
void cdc_time_adjust(struct binlog_time *time);
/* The Java driver's snapshot has the ten days that the calendar reform left out ten days later. */
void cdc_time_reform(struct binlog_time *time);

/* What a field of this type in this mode is: base type and name, NULL name for none. */
struct cdc_time_form {
    enum schema_type type;
    const char *name;
};
struct cdc_time_form cdc_time_form(enum cdc_type type, enum cdc_time_mode mode, int digits);

/* False: a TIME that the mode cannot express. */
bool cdc_time_value(enum cdc_type type, enum cdc_time_mode mode, int digits, const struct binlog_time *time, struct arena *arena,
                    struct value *out);
/* ZonedTimestamp: with exactly `digits` of the fraction, or (0) as many as it needs. */
struct value cdc_time_zoned(int64_t seconds, uint32_t us, int digits, struct arena *arena);
/* Seconds since 1970 of a date and time in UTC. */
int64_t cdc_time_seconds(const struct binlog_time *time);

#endif
