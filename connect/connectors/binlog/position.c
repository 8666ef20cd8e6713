/* GTID sets decide where there are any: a position with one is behind those without, since servers turn GTIDs on and not
   off again. Positions of different servers can only be compared by time. */
#include "connect/connectors/binlog/position.h"

#include "connect/connectors/binlog/gtid.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static int64_t
number_of(const json_t *position, const char *name)
{
    const json_t *value = json_object_get(position, name);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : 0;
}

static const char *
text_of(const json_t *position, const char *name)
{
    const char *text = json_string_value(json_object_get(position, name));
    return text && *text ? text : NULL;
}

/* Of the first snapshot, before all of the stream. A blocking one stands in its middle: what was recorded up to there counts. */
static bool
is_snapshot(const json_t *position)
{
    const json_t *snapshot = json_object_get(position, "snapshot");
    const char *text = json_string_value(snapshot);
    return json_is_true(snapshot) || (text && strcmp(text, "false") != 0 && strcmp(text, "BLOCKING") != 0);
}

static struct binlog_gtids *
gtids_of(const json_t *position, bool (*keep)(const char *source, void *arg), void *arg)
{
    const char *text = text_of(position, "gtids");
    struct error unused = ERROR_INIT;
    struct binlog_gtids *set = text ? binlog_gtids_parse(text, &unused) : NULL;
    if (set && keep)
        binlog_gtids_retain(set, keep, arg);
    return set;
}

static bool
includes_gtids(const json_t *desired, const struct binlog_gtids *desired_set, const json_t *recorded,
               const struct binlog_gtids *recorded_set)
{
    if (!binlog_gtids_contains(desired_set, recorded_set))
        return false;
    if (!binlog_gtids_contains(recorded_set, desired_set))
        return true;
    if (is_snapshot(desired) && !is_snapshot(recorded))
        return false;
    return number_of(recorded, "event") <= number_of(desired, "event");
}

int
cdc_position_compare_files(const char *a, const char *b)
{
    const char *dot_a = strrchr(a, '.'), *dot_b = strrchr(b, '.');
    long long number_a = dot_a ? strtoll(dot_a + 1, NULL, 10) : 0, number_b = dot_b ? strtoll(dot_b + 1, NULL, 10) : 0;
    if (number_a != number_b)
        return number_a < number_b ? -1 : 1;
    return strcmp(a, b);
}

static bool
includes_place(const json_t *desired, const json_t *recorded)
{
    static const char *const numbers[] = {"pos", "event", "row"};
    if (number_of(recorded, "server_id") != number_of(desired, "server_id"))
        return number_of(recorded, "ts_sec") <= number_of(desired, "ts_sec");
    const char *file = text_of(recorded, "file"), *desired_file = text_of(desired, "file");
    int order = cdc_position_compare_files(file ? file : "", desired_file ? desired_file : "");
    if (order != 0)
        return order < 0;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        if (number_of(recorded, numbers[i]) != number_of(desired, numbers[i]))
            return number_of(recorded, numbers[i]) < number_of(desired, numbers[i]);
    return true;
}

bool
cdc_position_includes(const char *desired_json, const char *recorded_json, bool (*keep)(const char *source, void *arg), void *arg)
{
    json_t *desired = json_loads(desired_json, 0, NULL), *recorded = json_loads(recorded_json, 0, NULL);
    struct binlog_gtids *desired_set = gtids_of(desired, keep, arg), *recorded_set = gtids_of(recorded, keep, arg);
    bool includes;
    if (desired_set && recorded_set)
        includes = includes_gtids(desired, desired_set, recorded, recorded_set);
    else if (desired_set || recorded_set)
        includes = desired_set != NULL;
    else
        includes = includes_place(desired, recorded);
    binlog_gtids_free(desired_set);
    binlog_gtids_free(recorded_set);
    json_decref(desired);
    json_decref(recorded);
    return includes;
}

bool
cdc_position_is_snapshot(const char *position_json)
{
    json_t *position = json_loads(position_json, 0, NULL);
    bool is = is_snapshot(position);
    json_decref(position);
    return is;
}
