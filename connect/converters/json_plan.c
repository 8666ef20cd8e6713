/* Plans: see json_priv.h. */
#include "common/base/alloc.h"
#include "connect/converters/emit.h"
#include "connect/converters/json_priv.h"

#include <stdlib.h>

static enum value_kind
kind_of(const struct schema *schema)
{
    static const enum value_kind kinds[] = {
        [SCHEMA_INT8] = VALUE_INT,        [SCHEMA_INT16] = VALUE_INT,     [SCHEMA_INT32] = VALUE_INT,
        [SCHEMA_INT64] = VALUE_INT,       [SCHEMA_FLOAT32] = VALUE_FLOAT, [SCHEMA_FLOAT64] = VALUE_FLOAT,
        [SCHEMA_BOOLEAN] = VALUE_BOOLEAN, [SCHEMA_STRING] = VALUE_STRING, [SCHEMA_BYTES] = VALUE_BYTES,
        [SCHEMA_ARRAY] = VALUE_ARRAY,     [SCHEMA_MAP] = VALUE_MAP,       [SCHEMA_STRUCT] = VALUE_STRUCT,
    };
    return schema->logical == SCHEMA_DECIMAL ? VALUE_DECIMAL : kinds[schema->type];
}

static void
init_field(struct json_plan *plan, const struct schema_field *field, bool is_first)
{
    json_plan_init(plan, field->schema);
    struct strbuf name = STRBUF_INIT;
    strbuf_putc(&name, is_first ? '{' : ',');
    emit_string(&name, field->name, field->name_len);
    strbuf_putc(&name, ':');
    plan->name_len = name.len;
    plan->name = strbuf_take(&name);
}

void
json_plan_init(struct json_plan *plan, const struct schema *schema)
{
    if (!schema) { /* items of mixed types, as inference finds them in a literal */
        *plan = (struct json_plan){.kind = JSON_KIND_ANY};
        return;
    }
    *plan = (struct json_plan){
        .schema = schema,
        .kind = (uint8_t)kind_of(schema),
        .write = json_write_fn_for(schema),
        .read = json_read_fn_for(schema),
    };
    plan->part_count = schema->type == SCHEMA_STRUCT ? schema->field_count
                       : schema->type == SCHEMA_MAP  ? 2
                       : schema->type == SCHEMA_ARRAY ? 1
                                                      : 0;
    if (plan->part_count)
        plan->parts = xcalloc(plan->part_count, sizeof(*plan->parts));
    if (schema->type == SCHEMA_STRUCT) {
        for (size_t i = 0; i < schema->field_count; i++)
            init_field(&plan->parts[i], &schema->fields[i], i == 0);
    } else if (plan->part_count) {
        json_plan_init(&plan->parts[0], schema->type == SCHEMA_MAP ? schema->key_schema : schema->value_schema);
        if (schema->type == SCHEMA_MAP)
            json_plan_init(&plan->parts[1], schema->value_schema);
    }
}

void
json_plan_fini(struct json_plan *plan)
{
    for (size_t i = 0; i < plan->part_count; i++)
        json_plan_fini(&plan->parts[i]);
    free(plan->parts);
    free(plan->name);
}
