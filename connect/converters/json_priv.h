/*
 * The parts of JsonConverter: what is known per schema (a plan), writing, reading, schemas as JSON.
 *
 * A plan mirrors a schema and is made once for it: functions chosen by type, names quoted. A row then
 * costs one indirect call a field and no look-up.
 */
#ifndef CONNECT_CONVERTERS_JSON_PRIV_H
#define CONNECT_CONVERTERS_JSON_PRIV_H

#include "common/base/strbuf.h"
#include "connect/converters/scan.h"
#include "connect/data/record.h"
#include "connect/data/schema_cache.h"

struct json_settings {
    char *converter_type;
    bool schemas_enable;
    int32_t cache_size;
    char *decimal_format;
    bool replace_null;
    bool is_decimal_numeric;
};

struct json_plan;

struct json_writer {
    const struct json_settings *settings;
    struct strbuf *out;
    struct error *err;
};

struct json_reader {
    const struct json_settings *settings;
    struct scan scan;
    struct arena *arena;
    struct value *stack; /* items of arrays and maps that are not complete yet; heap, kept */
    size_t stack_count, stack_size;
    struct error *err;
    bool is_data_error;  /* *err is filled; otherwise a failure is the scan's problem */
};

typedef bool json_write_fn(const struct json_writer *writer, const struct json_plan *plan, const struct value *value);
typedef bool json_read_fn(struct json_reader *reader, const struct json_plan *plan, struct value *out);

enum { JSON_KIND_ANY = 0xff }; /* of a plan without schema */

struct json_plan {
    const struct schema *schema; /* kept by the owner of the root */
    uint8_t kind;                /* of its values */
    json_write_fn *write;
    json_read_fn *read;
    struct json_plan *parts;     /* fields; the items of an array; key and value of a map */
    size_t part_count;
    char *name;                  /* as a field: {"id": for the first of a struct, ,"id": for others */
    size_t name_len;
};

void json_plan_init(struct json_plan *plan, const struct schema *schema);
void json_plan_fini(struct json_plan *plan);

/* A payload. `plan` NULL: schemaless. */
bool json_write_value(const struct json_writer *writer, const struct json_plan *plan, const struct value *value);
bool json_read_value(struct json_reader *reader, const struct json_plan *plan, struct value *out);
/* The function of a type. */
json_write_fn *json_write_fn_for(const struct schema *schema);
json_read_fn *json_read_fn_for(const struct schema *schema);

/* {"type":…} of a schema; `field` adds its name in a struct, or NULL. */
bool json_schema_write(const struct json_writer *writer, const struct schema *schema, const char *field);
/* The schema that a JSON text describes; a reference for the caller. The text has been checked by a scan. NULL
   with true: the text is null. */
bool json_schema_read(const struct json_settings *settings, struct scan_span text, const struct schema **schema_out,
                      struct error *err);

#endif
