/*
 * Interned schemas. A published schema is a node in one hash table; its strings, arrays and default value
 * live in the arena that its builder filled. The table's lock guards links and the step from one reference
 * to none; other counting is atomic and needs no lock.
 */
#include "connect/data/schema.h"

#include "common/base/alloc.h"
#include "common/base/arena.h"
#include "common/base/error.h"
#include "connect/data/value.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct node {
    struct schema schema; /* first: a schema pointer is its node's */
    struct arena arena;
    atomic_uint refs;
    struct node *next;
};

struct schema_builder {
    struct node *node; /* not published yet */
    struct schema_field *fields;
    struct schema_parameter *parameters;
};

static struct {
    pthread_mutex_t lock;
    struct node **buckets; /* NULL while nothing is interned */
    size_t bucket_count, count;
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- words -------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *word;
} types[] = {
    [SCHEMA_INT8] = {"INT8", "int8"},          [SCHEMA_INT16] = {"INT16", "int16"},
    [SCHEMA_INT32] = {"INT32", "int32"},       [SCHEMA_INT64] = {"INT64", "int64"},
    [SCHEMA_FLOAT32] = {"FLOAT32", "float"},   [SCHEMA_FLOAT64] = {"FLOAT64", "double"},
    [SCHEMA_BOOLEAN] = {"BOOLEAN", "boolean"}, [SCHEMA_STRING] = {"STRING", "string"},
    [SCHEMA_BYTES] = {"BYTES", "bytes"},       [SCHEMA_ARRAY] = {"ARRAY", "array"},
    [SCHEMA_MAP] = {"MAP", "map"},             [SCHEMA_STRUCT] = {"STRUCT", "struct"},
};
enum { TYPE_COUNT = sizeof(types) / sizeof(types[0]) };

const char *
schema_type_name(enum schema_type type)
{
    return types[type].name;
}

const char *
schema_type_word(enum schema_type type)
{
    return types[type].word;
}

bool
schema_type_parse(const char *word, size_t len, enum schema_type *out)
{
    for (int type = 0; type < TYPE_COUNT; type++) {
        if (strlen(types[type].word) == len && memcmp(types[type].word, word, len) == 0) {
            *out = (enum schema_type)type;
            return true;
        }
    }
    return false;
}

/* ---- hash and equality: children are interned, so one level is enough -------------------------------------- */

static uint64_t
hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ byte[i]) * 0x100000001b3;
    return hash;
}

static uint64_t
hash_number(uint64_t hash, uint64_t number)
{
    return hash_bytes(hash, &number, sizeof(number));
}

static uint64_t
hash_text(uint64_t hash, const char *text)
{
    return text ? hash_bytes(hash, text, strlen(text) + 1) : hash_number(hash, 1);
}

static uint64_t
schema_hash(const struct schema *schema)
{
    uint64_t hash = hash_number(0xcbf29ce484222325, schema->type);
    hash = hash_number(hash, schema->is_optional);
    hash = hash_number(hash, schema->has_version ? (uint64_t)schema->version : UINT64_MAX);
    hash = hash_number(hash, schema->default_value ? schema->default_value->kind : UINT64_MAX);
    hash = hash_text(hash_text(hash, schema->name), schema->doc);
    for (size_t i = 0; i < schema->parameter_count; i++)
        hash = hash_text(hash_text(hash, schema->parameters[i].key), schema->parameters[i].value);
    for (size_t i = 0; i < schema->field_count; i++)
        hash = hash_number(hash_text(hash, schema->fields[i].name), schema->fields[i].schema->hash);
    hash = hash_number(hash, schema->key_schema ? schema->key_schema->hash : 0);
    return hash_number(hash, schema->value_schema ? schema->value_schema->hash : 0);
}

static bool
text_equal(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool
default_equal(const struct value *a, const struct value *b)
{
    return a && b ? value_equal(a, b) : a == b;
}

static bool
parameters_equal(const struct schema *a, const struct schema *b)
{
    for (size_t i = 0; i < a->parameter_count; i++)
        if (!text_equal(a->parameters[i].key, b->parameters[i].key) ||
            !text_equal(a->parameters[i].value, b->parameters[i].value))
            return false;
    return true;
}

static bool
fields_equal(const struct schema *a, const struct schema *b)
{
    for (size_t i = 0; i < a->field_count; i++)
        if (a->fields[i].schema != b->fields[i].schema || !text_equal(a->fields[i].name, b->fields[i].name))
            return false;
    return true;
}

static bool
schema_same(const struct schema *a, const struct schema *b)
{
    return a->hash == b->hash && a->type == b->type && a->is_optional == b->is_optional &&
           a->has_version == b->has_version && a->version == b->version && a->key_schema == b->key_schema &&
           a->value_schema == b->value_schema && a->field_count == b->field_count &&
           a->parameter_count == b->parameter_count && text_equal(a->name, b->name) && text_equal(a->doc, b->doc) &&
           parameters_equal(a, b) && fields_equal(a, b) && default_equal(a->default_value, b->default_value);
}

/* ---- the table -------------------------------------------------------------------------------------------- */

/* With the lock held. */
static void
table_grow(void)
{
    size_t bucket_count = table.bucket_count ? table.bucket_count * 2 : 64;
    struct node **buckets = xcalloc(bucket_count, sizeof(*buckets));
    for (size_t i = 0; i < table.bucket_count; i++) {
        for (struct node *node = table.buckets[i], *next; node; node = next) {
            next = node->next;
            struct node **bucket = &buckets[node->schema.hash % bucket_count];
            node->next = *bucket;
            *bucket = node;
        }
    }
    free(table.buckets);
    table.buckets = buckets;
    table.bucket_count = bucket_count;
}

/* With the lock held. The table itself goes with the last schema, so that nothing stays behind. */
static void
table_remove(struct node *node)
{
    struct node **link = &table.buckets[node->schema.hash % table.bucket_count];
    while (*link != node)
        link = &(*link)->next;
    *link = node->next;
    if (--table.count == 0) {
        free(table.buckets);
        table.buckets = NULL;
        table.bucket_count = 0;
    }
}

/* The interned equal of `node`, or NULL after having interned it. */
static struct node *
table_intern(struct node *node)
{
    pthread_mutex_lock(&table.lock);
    if (table.count >= table.bucket_count)
        table_grow();
    struct node **bucket = &table.buckets[node->schema.hash % table.bucket_count];
    struct node *found = *bucket;
    while (found && !schema_same(&found->schema, &node->schema))
        found = found->next;
    if (found) {
        atomic_fetch_add(&found->refs, 1);
    } else {
        atomic_store(&node->refs, 1);
        node->next = *bucket;
        *bucket = node;
        table.count++;
    }
    pthread_mutex_unlock(&table.lock);
    return found;
}

size_t
schema_interned_count(void)
{
    pthread_mutex_lock(&table.lock);
    size_t count = table.count;
    pthread_mutex_unlock(&table.lock);
    return count;
}

/* A node that nobody can reach any more. */
static void
node_free(struct node *node)
{
    struct schema *schema = &node->schema;
    for (size_t i = 0; i < schema->field_count; i++)
        schema_unref(schema->fields[i].schema);
    schema_unref(schema->key_schema);
    schema_unref(schema->value_schema);
    arena_fini(&node->arena);
    free(node);
}

const struct schema *
schema_ref(const struct schema *schema)
{
    if (schema)
        atomic_fetch_add_explicit(&((struct node *)schema)->refs, 1, memory_order_relaxed);
    return schema;
}

void
schema_unref(const struct schema *schema)
{
    if (!schema)
        return;
    struct node *node = (struct node *)schema;
    unsigned refs = atomic_load(&node->refs);
    while (refs > 1)
        if (atomic_compare_exchange_weak(&node->refs, &refs, refs - 1))
            return;
    pthread_mutex_lock(&table.lock);
    bool is_last = atomic_fetch_sub(&node->refs, 1) == 1;
    if (is_last)
        table_remove(node);
    pthread_mutex_unlock(&table.lock);
    if (is_last)
        node_free(node);
}

/* ---- building ----------------------------------------------------------------------------------------------- */

struct schema_builder *
schema_builder_new(enum schema_type type)
{
    struct schema_builder *builder = xcalloc(1, sizeof(*builder));
    builder->node = xcalloc(1, sizeof(*builder->node));
    builder->node->schema.type = type;
    return builder;
}

struct schema_builder *
schema_builder_from(const struct schema *schema)
{
    struct schema_builder *builder = schema_builder_new(schema->type);
    schema_builder_optional(builder, schema->is_optional);
    schema_builder_name(builder, schema->name);
    schema_builder_doc(builder, schema->doc);
    if (schema->has_version)
        schema_builder_version(builder, schema->version);
    for (size_t i = 0; i < schema->parameter_count; i++)
        schema_builder_parameter(builder, schema->parameters[i].key, schema->parameters[i].value);
    for (size_t i = 0; i < schema->field_count; i++)
        schema_builder_field(builder, schema->fields[i].name, schema->fields[i].schema);
    schema_builder_key(builder, schema->key_schema);
    schema_builder_value(builder, schema->value_schema);
    schema_builder_default(builder, schema->default_value);
    return builder;
}

void
schema_builder_free(struct schema_builder *builder)
{
    if (!builder)
        return;
    builder->node->schema.fields = builder->fields;
    node_free(builder->node);
    free(builder->fields);
    free(builder->parameters);
    free(builder);
}

static const char *
keep_text(struct schema_builder *builder, const char *text)
{
    return text ? arena_strdup(&builder->node->arena, text) : NULL;
}

void
schema_builder_optional(struct schema_builder *builder, bool is_optional)
{
    builder->node->schema.is_optional = is_optional;
}

void
schema_builder_name(struct schema_builder *builder, const char *name)
{
    builder->node->schema.name = keep_text(builder, name);
}

void
schema_builder_version(struct schema_builder *builder, int32_t version)
{
    builder->node->schema.has_version = true;
    builder->node->schema.version = version;
}

void
schema_builder_no_version(struct schema_builder *builder)
{
    builder->node->schema.has_version = false;
    builder->node->schema.version = 0;
}

void
schema_builder_doc(struct schema_builder *builder, const char *doc)
{
    builder->node->schema.doc = keep_text(builder, doc);
}

/* Room for one more in an array that grows by doubling. */
static void *
room_for_one(void *array, size_t count, size_t size)
{
    bool is_full = (count & (count - 1)) == 0;
    return is_full ? xrealloc(array, (count ? count * 2 : 1) * size) : array;
}

void
schema_builder_parameter(struct schema_builder *builder, const char *key, const char *value)
{
    struct schema *schema = &builder->node->schema;
    for (size_t i = 0; i < schema->parameter_count; i++) {
        ensure(builder->parameters[i].key, "a parameter has a name");
        if (strcmp(builder->parameters[i].key, key) == 0) {
            builder->parameters[i].value = keep_text(builder, value);
            return;
        }
    }
    builder->parameters = room_for_one(builder->parameters, schema->parameter_count, sizeof(*builder->parameters));
    builder->parameters[schema->parameter_count++] =
        (struct schema_parameter){.key = keep_text(builder, key), .value = keep_text(builder, value)};
}

void
schema_builder_default(struct schema_builder *builder, const struct value *value)
{
    struct node *node = builder->node;
    node->schema.default_value = NULL;
    if (!value)
        return;
    struct value *copy = arena_new(&node->arena, struct value);
    *copy = value_copy(value, &node->arena);
    node->schema.default_value = copy;
}

void
schema_builder_field(struct schema_builder *builder, const char *name, const struct schema *schema)
{
    struct schema *parent = &builder->node->schema;
    builder->fields = room_for_one(builder->fields, parent->field_count, sizeof(*builder->fields));
    builder->fields[parent->field_count++] = (struct schema_field){
        .name = keep_text(builder, name), .name_len = strlen(name), .schema = schema_ref(schema)};
}

void
schema_builder_no_fields(struct schema_builder *builder)
{
    struct schema *schema = &builder->node->schema;
    for (size_t i = 0; i < schema->field_count; i++)
        schema_unref(builder->fields[i].schema);
    schema->field_count = 0;
    free(builder->fields);
    builder->fields = NULL;
}

void
schema_builder_key(struct schema_builder *builder, const struct schema *schema)
{
    schema_unref(builder->node->schema.key_schema);
    builder->node->schema.key_schema = schema_ref(schema);
}

void
schema_builder_value(struct schema_builder *builder, const struct schema *schema)
{
    schema_unref(builder->node->schema.value_schema);
    builder->node->schema.value_schema = schema_ref(schema);
}

/* A decimal number that fills the text, or SCHEMA_NO_SCALE. */
static int32_t
scale_parse(const char *text)
{
    if (!text || !*text)
        return SCHEMA_NO_SCALE;
    char *end;
    long scale = strtol(text, &end, 10);
    return *end || scale < INT16_MIN || scale > INT16_MAX ? SCHEMA_NO_SCALE : (int32_t)scale;
}

static void
set_logical(struct schema *schema)
{
    static const struct {
        enum schema_type type;
        enum schema_logical logical;
        const char *name;
    } logicals[] = {
        {SCHEMA_BYTES, SCHEMA_DECIMAL, SCHEMA_DECIMAL_NAME},
        {SCHEMA_INT32, SCHEMA_DATE, SCHEMA_DATE_NAME},
        {SCHEMA_INT32, SCHEMA_TIME, SCHEMA_TIME_NAME},
        {SCHEMA_INT64, SCHEMA_TIMESTAMP, SCHEMA_TIMESTAMP_NAME},
    };
    schema->logical = SCHEMA_PLAIN;
    for (size_t i = 0; schema->name && i < sizeof(logicals) / sizeof(logicals[0]); i++)
        if (schema->type == logicals[i].type && strcmp(schema->name, logicals[i].name) == 0)
            schema->logical = logicals[i].logical;
    if (schema->logical == SCHEMA_DECIMAL)
        schema->decimal_scale = scale_parse(schema_parameter_get(schema, "scale"));
}

/* From the builder's array on the heap into the schema's arena. */
static const void *
settle(struct arena *arena, const void *array, size_t size)
{
    return size ? memcpy(arena_alloc(arena, size), array, size) : NULL;
}

const struct schema *
schema_builder_finish(struct schema_builder *builder)
{
    struct node *node = builder->node;
    struct schema *schema = &node->schema;
    schema->fields = settle(&node->arena, builder->fields, schema->field_count * sizeof(*schema->fields));
    schema->parameters =
        settle(&node->arena, builder->parameters, schema->parameter_count * sizeof(*schema->parameters));
    set_logical(schema);
    schema->hash = schema_hash(schema);
    free(builder->fields);
    free(builder->parameters);
    free(builder);
    struct node *found = table_intern(node);
    if (found)
        node_free(node);
    return found ? &found->schema : schema;
}

/* ---- shortcuts ------------------------------------------------------------------------------------------------ */

const struct schema *
schema_primitive(enum schema_type type, bool is_optional)
{
    struct schema_builder *builder = schema_builder_new(type);
    schema_builder_optional(builder, is_optional);
    return schema_builder_finish(builder);
}

const struct schema *
schema_decimal(int scale, bool is_optional)
{
    struct schema_builder *builder = schema_builder_new(SCHEMA_BYTES);
    char *text = xasprintf("%d", scale);
    schema_builder_name(builder, SCHEMA_DECIMAL_NAME);
    schema_builder_version(builder, 1);
    schema_builder_parameter(builder, "scale", text);
    schema_builder_optional(builder, is_optional);
    free(text);
    return schema_builder_finish(builder);
}

const struct schema *
schema_logical_new(enum schema_logical logical, bool is_optional)
{
    ensure(logical == SCHEMA_DATE || logical == SCHEMA_TIME || logical == SCHEMA_TIMESTAMP, "logical type %d",
           (int)logical);
    struct schema_builder *builder = schema_builder_new(logical == SCHEMA_TIMESTAMP ? SCHEMA_INT64 : SCHEMA_INT32);
    schema_builder_name(builder, logical == SCHEMA_DATE   ? SCHEMA_DATE_NAME
                                 : logical == SCHEMA_TIME ? SCHEMA_TIME_NAME
                                                          : SCHEMA_TIMESTAMP_NAME);
    schema_builder_version(builder, 1);
    schema_builder_optional(builder, is_optional);
    return schema_builder_finish(builder);
}

const struct schema *
schema_with_optional(const struct schema *schema, bool is_optional)
{
    if (schema->is_optional == is_optional)
        return schema_ref(schema);
    struct schema_builder *builder = schema_builder_from(schema);
    schema_builder_optional(builder, is_optional);
    return schema_builder_finish(builder);
}

/* ---- asking --------------------------------------------------------------------------------------------------- */

int
schema_field_find(const struct schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->field_count; i++)
        if (strcmp(schema->fields[i].name, name) == 0)
            return (int)i;
    return -1;
}

const char *
schema_parameter_get(const struct schema *schema, const char *key)
{
    for (size_t i = 0; i < schema->parameter_count; i++)
        if (strcmp(schema->parameters[i].key, key) == 0)
            return schema->parameters[i].value;
    return NULL;
}
