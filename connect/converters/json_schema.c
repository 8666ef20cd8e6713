/* Schemas in the JSON envelope (asJsonSchema, asConnectSchema). */
#include "common/base/alloc.h"
#include "connect/converters/emit.h"
#include "connect/converters/json_priv.h"
#include "connect/data/data_error.h"

#include <stdlib.h>
#include <string.h>

/* ---- writing -------------------------------------------------------------------------------------------------- */

static void
put_text(struct strbuf *out, const char *member, const char *text)
{
    strbuf_printf(out, ",\"%s\":", member);
    emit_string(out, text, strlen(text));
}

static bool
put_inner(const struct json_writer *writer, const struct schema *schema)
{
    struct strbuf *out = writer->out;
    switch (schema->type) {
    case SCHEMA_ARRAY:
        strbuf_puts(out, ",\"items\":");
        return json_schema_write(writer, schema->value_schema, NULL);
    case SCHEMA_MAP:
        strbuf_puts(out, ",\"keys\":");
        if (!json_schema_write(writer, schema->key_schema, NULL))
            return false;
        strbuf_puts(out, ",\"values\":");
        return json_schema_write(writer, schema->value_schema, NULL);
    case SCHEMA_STRUCT:
        strbuf_puts(out, ",\"fields\":[");
        for (size_t i = 0; i < schema->field_count; i++) {
            if (i)
                strbuf_putc(out, ',');
            if (!json_schema_write(writer, schema->fields[i].schema, schema->fields[i].name))
                return false;
        }
        strbuf_putc(out, ']');
        return true;
    default:
        return true;
    }
}

static void
put_parameters(struct strbuf *out, const struct schema *schema)
{
    for (size_t i = 0; i < schema->parameter_count; i++) {
        strbuf_puts(out, i ? "," : ",\"parameters\":{");
        emit_string(out, schema->parameters[i].key, strlen(schema->parameters[i].key));
        strbuf_putc(out, ':');
        emit_string(out, schema->parameters[i].value, strlen(schema->parameters[i].value));
    }
    if (schema->parameter_count)
        strbuf_putc(out, '}');
}

static bool
put_default(const struct json_writer *writer, const struct schema *schema)
{
    struct json_plan plan;
    if (!schema->default_value)
        return true;
    strbuf_puts(writer->out, ",\"default\":");
    json_plan_init(&plan, schema);
    bool is_written = json_write_value(writer, &plan, schema->default_value);
    json_plan_fini(&plan);
    return is_written;
}

bool
json_schema_write(const struct json_writer *writer, const struct schema *schema, const char *field)
{
    struct strbuf *out = writer->out;
    if (!schema) {
        strbuf_puts(out, "null");
        return true;
    }
    strbuf_printf(out, "{\"type\":\"%s\"", schema_type_word(schema->type));
    if (!put_inner(writer, schema))
        return false;
    strbuf_puts(out, schema->is_optional ? ",\"optional\":true" : ",\"optional\":false");
    if (schema->name)
        put_text(out, "name", schema->name);
    if (schema->has_version)
        strbuf_printf(out, ",\"version\":%d", schema->version);
    if (schema->doc)
        put_text(out, "doc", schema->doc);
    put_parameters(out, schema);
    if (!put_default(writer, schema))
        return false;
    if (field)
        put_text(out, "field", field);
    strbuf_putc(out, '}');
    return true;
}

/* ---- reading -------------------------------------------------------------------------------------------------- */

enum { SCHEMA_DEPTH_MAX = 100 }; /* every level is scanned once for each level above it */

enum member {
    MEMBER_TYPE, MEMBER_ITEMS, MEMBER_KEYS, MEMBER_VALUES, MEMBER_FIELDS, MEMBER_OPTIONAL, MEMBER_NAME,
    MEMBER_VERSION, MEMBER_DOC, MEMBER_PARAMETERS, MEMBER_DEFAULT, MEMBER_FIELD, MEMBER_COUNT,
};
static const char *const member_names[MEMBER_COUNT] = {"type",    "items", "keys",       "values",  "fields", "optional", "name",
                                                       "version", "doc",   "parameters", "default", "field"};

struct schema_reading {
    const struct json_settings *settings;
    struct arena arena;
    struct error *err;
    int depth;
};

static bool read_schema(struct schema_reading *r, struct scan_span text, char **field_out, const struct schema **out);

static bool
is_type(struct scan_span text, char first)
{
    return text.start && *text.start == first;
}

static bool
is_absent(struct scan_span text)
{
    return !text.start || *text.start == 'n';
}

/* The content of a member that is a string, in the arena with a NUL behind it; otherwise NULL. */
static char *
text_of(struct schema_reading *r, struct scan_span text)
{
    struct scan scan;
    struct scan_span content;
    if (!is_type(text, '"'))
        return NULL;
    scan_init(&scan, text.start, text.len);
    if (!scan_string(&scan, &r->arena, &content))
        return NULL;
    char *copy = arena_memdup(&r->arena, content.start, content.len);
    for (char *c = copy; (size_t)(c - copy) < content.len; c++)
        *c = *c ? *c : '?'; /* names are C strings */
    return copy;
}

static bool
read_inner_schema(struct schema_reading *r, struct scan_span text, const char *problem, const struct schema **out)
{
    if (is_absent(text))
        return data_error(r->err, "%s", problem);
    return read_schema(r, text, NULL, out);
}

static bool
read_array_schema(struct schema_reading *r, const struct scan_span *members, struct schema_builder *builder)
{
    const struct schema *items;
    if (!read_inner_schema(r, members[MEMBER_ITEMS], "Array schema did not specify the element type", &items))
        return false;
    schema_builder_value(builder, items);
    schema_unref(items);
    return true;
}

static bool
read_map_schema(struct schema_reading *r, const struct scan_span *members, struct schema_builder *builder)
{
    const struct schema *keys, *values;
    if (!read_inner_schema(r, members[MEMBER_KEYS], "Map schema did not specify the key type", &keys))
        return false;
    schema_builder_key(builder, keys);
    schema_unref(keys);
    if (!read_inner_schema(r, members[MEMBER_VALUES], "Map schema did not specify the value type", &values))
        return false;
    schema_builder_value(builder, values);
    schema_unref(values);
    return true;
}

/* A set of the names so far, for structs of any width. */
struct name_set {
    const char **slots;
    size_t size, count;
};

static bool
name_set_add(struct schema_reading *r, struct name_set *set, const char *name)
{
    if (2 * set->count >= set->size) {
        struct name_set larger = {.size = set->size ? set->size * 2 : 64};
        larger.slots = arena_array(&r->arena, const char *, larger.size);
        memset(larger.slots, 0, larger.size * sizeof(*larger.slots));
        for (size_t i = 0; i < set->size; i++)
            if (set->slots[i])
                name_set_add(r, &larger, set->slots[i]);
        *set = larger;
    }
    uint64_t hash = 0xcbf29ce484222325;
    for (const char *c = name; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
    size_t at = hash & (set->size - 1);
    for (; set->slots[at]; at = (at + 1) & (set->size - 1))
        if (strcmp(set->slots[at], name) == 0)
            return false;
    set->slots[at] = name;
    set->count++;
    return true;
}

static bool
read_field_schema(struct schema_reading *r, struct scan_span text, struct name_set *names, struct schema_builder *builder)
{
    const struct schema *schema = NULL;
    char *name = NULL;
    if (!read_schema(r, text, &name, &schema))
        return false;
    bool is_new = name_set_add(r, names, name);
    if (is_new)
        schema_builder_field(builder, name, schema);
    schema_unref(schema);
    if (is_new)
        return true;
    data_error(r->err, "Cannot create field because of field name duplication %s", name);
    r->err->java_class = "org.apache.kafka.connect.errors.SchemaBuilderException";
    return false;
}

static bool
read_fields(struct schema_reading *r, struct scan_span text, struct schema_builder *builder)
{
    struct name_set names = {.size = 0};
    struct scan scan;
    if (!is_type(text, '['))
        return data_error(r->err, "Struct schema's \"fields\" argument is not an array.");
    scan_init(&scan, text.start, text.len);
    scan.next++;
    for (bool more = scan_first(&scan, ']'); more; more = scan_next(&scan, ']')) {
        scan_peek(&scan);
        const char *start = scan.next;
        scan_skip(&scan);
        struct scan_span item = {.start = start, .len = (size_t)(scan.next - start)};
        if (!read_field_schema(r, item, &names, builder))
            return false;
    }
    return true;
}

static bool
read_parameters(struct schema_reading *r, struct scan_span text, struct schema_builder *builder)
{
    struct scan scan;
    if (!is_type(text, '{'))
        return true;
    scan_init(&scan, text.start, text.len);
    scan.next++;
    for (bool more = scan_first(&scan, '}'); more; more = scan_next(&scan, '}')) {
        struct scan_span name, value;
        scan_name(&scan, &r->arena, &name);
        if (scan_peek(&scan) != '"')
            return data_error(r->err, "Schema parameters must have string values.");
        value.start = scan.next;
        scan_skip(&scan);
        value.len = (size_t)(scan.next - value.start);
        schema_builder_parameter(builder, arena_memdup(&r->arena, name.start, name.len), text_of(r, value));
    }
    return true;
}

/* The default is a payload of the schema as it is so far. Takes the builder, gives another back. */
static bool
read_default(struct schema_reading *r, struct scan_span text, struct schema_builder **builder_io)
{
    const struct schema *schema = schema_builder_finish(*builder_io);
    struct json_reader reader = {.settings = r->settings, .arena = &r->arena, .err = r->err};
    struct json_plan plan;
    struct value value;
    json_plan_init(&plan, schema);
    scan_init(&reader.scan, text.start, text.len);
    bool is_read = json_read_value(&reader, &plan, &value);
    if (is_read && value.kind == VALUE_NULL && !schema->is_optional) {
        data_error(r->err, "Invalid default value");
        r->err->java_class = "org.apache.kafka.connect.errors.SchemaBuilderException";
        is_read = false;
    }
    json_plan_fini(&plan);
    free(reader.stack);
    *builder_io = is_read ? schema_builder_from(schema) : NULL;
    if (is_read && value.kind != VALUE_NULL)
        schema_builder_default(*builder_io, &value);
    schema_unref(schema);
    return is_read;
}

static bool
read_attributes(struct schema_reading *r, const struct scan_span *members, struct schema_builder *builder)
{
    struct scan scan;
    struct scan_span number;
    bool is_integral;
    schema_builder_optional(builder, is_type(members[MEMBER_OPTIONAL], 't'));
    schema_builder_name(builder, text_of(r, members[MEMBER_NAME]));
    schema_builder_doc(builder, text_of(r, members[MEMBER_DOC]));
    struct scan_span version = members[MEMBER_VERSION];
    if (version.start && (*version.start == '-' || (*version.start >= '0' && *version.start <= '9'))) {
        scan_init(&scan, version.start, version.len);
        if (scan_number(&scan, &number, &is_integral) && is_integral)
            schema_builder_version(builder, (int32_t)scan_number_long(number));
    }
    return read_parameters(r, members[MEMBER_PARAMETERS], builder);
}

static bool
read_by_type(struct schema_reading *r, enum schema_type type, const struct scan_span *members, struct schema_builder *builder)
{
    switch (type) {
    case SCHEMA_ARRAY:
        return read_array_schema(r, members, builder);
    case SCHEMA_MAP:
        return read_map_schema(r, members, builder);
    case SCHEMA_STRUCT:
        return read_fields(r, members[MEMBER_FIELDS], builder);
    default:
        return true;
    }
}

static bool
read_members(struct schema_reading *r, struct scan_span text, struct scan_span *members)
{
    struct scan scan;
    size_t others;
    memset(members, 0, MEMBER_COUNT * sizeof(*members));
    scan_init(&scan, text.start, text.len);
    if (*text.start == '{' && !scan_members(&scan, member_names, MEMBER_COUNT, members, &others))
        return data_error(r->err, "%s", scan.problem);
    return true;
}

static bool
build_schema(struct schema_reading *r, struct scan_span text, char **field_out, const struct schema **out)
{
    struct scan_span members[MEMBER_COUNT];
    if (!read_members(r, text, members))
        return false;
    if (field_out && !(*field_out = text_of(r, members[MEMBER_FIELD])))
        return data_error(r->err, "Struct schema's field name not specified properly");
    const char *word = text_of(r, members[MEMBER_TYPE]);
    enum schema_type type;
    if (!word)
        return data_error(r->err, "Schema must contain 'type' field");
    if (!schema_type_parse(word, strlen(word), &type))
        return data_error(r->err, "Unknown schema type: %s", word);
    struct schema_builder *builder = schema_builder_new(type);
    if (!read_by_type(r, type, members, builder) || !read_attributes(r, members, builder)) {
        schema_builder_free(builder);
        return false;
    }
    if (members[MEMBER_DEFAULT].start && !read_default(r, members[MEMBER_DEFAULT], &builder))
        return false;
    *out = schema_builder_finish(builder);
    return true;
}

static bool
read_schema(struct schema_reading *r, struct scan_span text, char **field_out, const struct schema **out)
{
    if (r->depth == SCHEMA_DEPTH_MAX)
        return data_error(r->err, "Schema is nested deeper than %d levels", SCHEMA_DEPTH_MAX);
    r->depth++;
    bool is_built = build_schema(r, text, field_out, out);
    r->depth--;
    return is_built;
}

bool
json_schema_read(const struct json_settings *settings, struct scan_span text, const struct schema **schema_out,
                 struct error *err)
{
    struct schema_reading r = {.settings = settings, .err = err};
    *schema_out = NULL;
    if (is_absent(text))
        return true;
    bool is_read = read_schema(&r, text, NULL, schema_out);
    arena_fini(&r.arena);
    return is_read;
}
