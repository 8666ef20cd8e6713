/*
 * MySQL's binary JSON.
 *
 *   document   type u8, value
 *   container  count, size, entries of keys (objects: offset, length u16), entries of values (type u8, offset or the value
 *              itself when it fits), keys, values; counts and offsets have 2 bytes in small containers, 4 in large ones and
 *              are relative to the container's start
 *   string     length in groups of 7 bits, bytes
 *   opaque     the server's column type u8, length as of strings, bytes: decimals, dates and times, others
 *
 * An edited document is a tree whose untouched parts stay slices of the binary form.
 */
#include "connect/connectors/binlog/binary_json.h"

#include "connect/connectors/binlog/row_image_priv.h"
#include "connect/connectors/binlog/table_map.h"
#include "connect/data/base64.h"
#include "connect/data/number_text.h"

#include <stdio.h>

enum json_type {
    JSON_SMALL_OBJECT = 0, JSON_LARGE_OBJECT = 1, JSON_SMALL_ARRAY = 2, JSON_LARGE_ARRAY = 3, JSON_LITERAL = 4,
    JSON_INT16 = 5, JSON_UINT16 = 6, JSON_INT32 = 7, JSON_UINT32 = 8, JSON_INT64 = 9, JSON_UINT64 = 10, JSON_DOUBLE = 11,
    JSON_STRING = 12, JSON_OPAQUE = 15,
};

/* The server nests no deeper than 100. Slices may overlap in a hostile document, so its text is bounded, too: the longest
   text of a value is that of a double, 1,080 characters for 11 bytes. */
enum { DEPTH_MAX = 128, TEXT_PER_BYTE_MAX = 256, TEXT_MAX_AT_LEAST = 4096 };

struct slice {
    uint8_t type;
    struct bytes body; /* from the value's start to the end of what encloses it */
};

struct printer {
    struct strbuf *out;
    size_t len_max;
    int depth;
};

static struct printer
printer_of(struct strbuf *out, size_t document_len)
{
    return (struct printer){.out = out, .len_max = out->len + TEXT_PER_BYTE_MAX * document_len + TEXT_MAX_AT_LEAST};
}

static bool print_slice(struct printer *printer, const struct slice *slice);

/* ---- scalars --------------------------------------------------------------------------------------------- */

static void
print_text(struct strbuf *out, const uint8_t *text, size_t len)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char short_escapes[128] = {['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\t'] = 't', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r'};
    char *start = strbuf_room(out, 6 * len + 2), *to = start;
    *to++ = '"';
    for (size_t i = 0; i < len; i++) {
        uint8_t c = text[i];
        if (c < 128 && short_escapes[c]) {
            *to++ = '\\';
            *to++ = short_escapes[c];
        } else if (c < 32) {
            memcpy(to, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
            to += 6;
        } else {
            *to++ = (char)c;
        }
    }
    *to++ = '"';
    strbuf_wrote(out, (size_t)(to - start));
}

/* Length of strings and opaque values: 7 bits a byte, the lowest first, at most 5 bytes. */
static size_t
read_length(struct bytes *from)
{
    size_t len = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        uint8_t byte = bytes_u8(from);
        len |= (size_t)(byte & 127) << shift;
        if (!(byte & 128))
            return len;
    }
    from->is_short = true;
    return 0;
}

/* Double.toString where it has no exponent, otherwise every digit (BigDecimal.toPlainString). */
static void
print_double(struct strbuf *out, double number)
{
    char text[1500];
    size_t len = number_text_double(number, text);
    if (memchr(text, 'E', len)) {
        len = (size_t)snprintf(text, sizeof(text), "%.1074f", number);
        while (text[len - 1] == '0')
            len--;
        len -= text[len - 1] == '.';
    }
    strbuf_add(out, text, len);
}

static bool
print_literal(struct strbuf *out, uint8_t literal)
{
    static const char *const names[] = {"null", "true", "false"};
    if (literal >= 3)
        return false;
    strbuf_puts(out, names[literal]);
    return true;
}

static bool
print_decimal(struct strbuf *out, struct bytes body)
{
    struct arena scratch = ARENA_INIT;
    unsigned precision = bytes_u8(&body), scale = bytes_u8(&body);
    size_t len;
    const char *text = row_image_decimal(&body, precision, scale, &scratch, &len);
    if (text)
        strbuf_add(out, text, len);
    arena_fini(&scratch);
    return text != NULL;
}

static void
print_fraction(struct strbuf *out, uint32_t us)
{
    if (us == 0)
        return;
    strbuf_printf(out, ".%06u", us);
    while (out->data[out->len - 1] == '0')
        out->data[--out->len] = '\0';
}

/* Dates and times are packed into 64 bits: sign, 17 bits of year * 13 + month, day, hour, minute, second, microseconds. */
static bool
print_temporal(struct strbuf *out, uint8_t type, struct bytes body)
{
    int64_t packed = (int64_t)bytes_le(&body, 8);
    if (body.is_short)
        return false;
    uint64_t size = packed < 0 ? 0 - (uint64_t)packed : (uint64_t)packed;
    uint32_t us = size & 0xffffff, minute = size >> 30 & 63, second = size >> 24 & 63;
    uint32_t month = (uint32_t)(size >> 46 & 0x1ffff), day = size >> 41 & 31;
    strbuf_putc(out, '"');
    if (packed < 0)
        strbuf_putc(out, '-');
    bool is_time = type == BINLOG_TYPE_TIME || type == BINLOG_TYPE_TIME2, is_date = type == BINLOG_TYPE_DATE;
    if (!is_time)
        strbuf_printf(out, "%04u-%02u-%02u", month / 13, month % 13, day);
    if (!is_time && !is_date)
        strbuf_putc(out, ' ');
    if (!is_date) {
        strbuf_printf(out, "%02u:%02u:%02u", (uint32_t)(size >> 36 & (is_time ? 1023 : 31)), minute, second);
        print_fraction(out, us);
    }
    strbuf_putc(out, '"');
    return true;
}

static bool
print_opaque(struct strbuf *out, struct bytes body)
{
    uint8_t type = bytes_u8(&body);
    size_t len = read_length(&body);
    struct bytes value = bytes_part(&body, len);
    if (body.is_short)
        return false;
    switch (type) {
    case BINLOG_TYPE_NEWDECIMAL:
    case BINLOG_TYPE_DECIMAL:
        return print_decimal(out, value);
    case BINLOG_TYPE_DATE: case BINLOG_TYPE_TIME: case BINLOG_TYPE_TIME2:
    case BINLOG_TYPE_DATETIME: case BINLOG_TYPE_DATETIME2: case BINLOG_TYPE_TIMESTAMP: case BINLOG_TYPE_TIMESTAMP2:
        return print_temporal(out, type, value);
    default:
        strbuf_putc(out, '"');
        base64_encode(out, value.at, bytes_left(&value));
        strbuf_putc(out, '"');
        return true;
    }
}

static bool
print_string(struct strbuf *out, struct bytes body)
{
    size_t len = read_length(&body);
    const uint8_t *text = bytes_take(&body, len);
    if (text)
        print_text(out, text, len);
    return text != NULL;
}

static bool
print_scalar(struct strbuf *out, const struct slice *slice)
{
    struct bytes body = slice->body;
    double real;
    uint64_t bits;
    switch (slice->type) {
    case JSON_LITERAL: return print_literal(out, bytes_u8(&body));
    case JSON_INT16: strbuf_add_int(out, bytes_signed(bytes_le(&body, 2), 2)); break;
    case JSON_UINT16: strbuf_add_int(out, (int64_t)bytes_le(&body, 2)); break;
    case JSON_INT32: strbuf_add_int(out, bytes_signed(bytes_le(&body, 4), 4)); break;
    case JSON_UINT32: strbuf_add_int(out, (int64_t)bytes_le(&body, 4)); break;
    case JSON_INT64: strbuf_add_int(out, (int64_t)bytes_le(&body, 8)); break;
    case JSON_UINT64: strbuf_printf(out, "%llu", (unsigned long long)bytes_le(&body, 8)); break;
    case JSON_DOUBLE:
        bits = bytes_le(&body, 8);
        memcpy(&real, &bits, sizeof(real));
        print_double(out, real);
        break;
    case JSON_STRING: return print_string(out, body);
    case JSON_OPAQUE: return print_opaque(out, body);
    default: return false;
    }
    return !body.is_short;
}

/* ---- containers --------------------------------------------------------------------------------------------- */

struct container {
    struct bytes body;  /* the container's own bytes */
    bool is_object;
    size_t width;       /* of counts and offsets: 2 or 4 */
    size_t count;
};

static bool
is_container(uint8_t type)
{
    return type <= JSON_LARGE_ARRAY;
}

static size_t
container_header(const struct container *container)
{
    return 2 * container->width;
}

static bool
container_open(const struct slice *slice, struct container *out)
{
    *out = (struct container){.body = slice->body, .is_object = slice->type <= JSON_LARGE_OBJECT,
                              .width = slice->type == JSON_SMALL_OBJECT || slice->type == JSON_SMALL_ARRAY ? 2 : 4};
    struct bytes head = slice->body;
    out->count = bytes_le(&head, out->width);
    size_t size = bytes_le(&head, out->width);
    size_t entry = 1 + out->width + (out->is_object ? out->width + 2 : 0);
    if (head.is_short || size > bytes_left(&slice->body) || size < container_header(out) ||
        out->count > (size - container_header(out)) / entry)
        return false;
    out->body.end = out->body.at + size;
    return true;
}

/* A reader that starts `offset` bytes behind the container's start. */
static struct bytes
container_at(const struct container *container, size_t offset)
{
    struct bytes from = container->body;
    bytes_take(&from, offset);
    return from;
}

static bool
container_key(const struct container *container, size_t i, const uint8_t **key_out, size_t *len_out)
{
    struct bytes entry = container_at(container, container_header(container) + i * (container->width + 2));
    size_t offset = bytes_le(&entry, container->width);
    *len_out = bytes_le(&entry, 2);
    struct bytes key = container_at(container, offset);
    *key_out = bytes_take(&key, *len_out);
    return *key_out && !entry.is_short;
}

/* Small values stand in the entry itself. */
static bool
is_inlined(uint8_t type, size_t width)
{
    switch (type) {
    case JSON_LITERAL: case JSON_INT16: case JSON_UINT16: return true;
    case JSON_INT32: case JSON_UINT32: return width == 4;
    default: return false;
    }
}

static bool
container_value(const struct container *container, size_t i, struct slice *out)
{
    size_t keys = container->is_object ? container->count * (container->width + 2) : 0;
    struct bytes entry = container_at(container, container_header(container) + keys + i * (1 + container->width));
    out->type = bytes_u8(&entry);
    out->body = entry;
    if (is_inlined(out->type, container->width))
        return !entry.is_short;
    size_t offset = bytes_le(&entry, container->width);
    out->body = container_at(container, offset);
    return !entry.is_short && offset >= container_header(container) && !out->body.is_short;
}

static bool
print_container(struct printer *printer, const struct slice *slice)
{
    struct container container;
    if (!container_open(slice, &container))
        return false;
    strbuf_putc(printer->out, container.is_object ? '{' : '[');
    for (size_t i = 0; i < container.count; i++) {
        struct slice value;
        const uint8_t *key;
        size_t key_len;
        if (i > 0)
            strbuf_putc(printer->out, ',');
        if (container.is_object) {
            if (!container_key(&container, i, &key, &key_len))
                return false;
            print_text(printer->out, key, key_len);
            strbuf_putc(printer->out, ':');
        }
        if (!container_value(&container, i, &value) || !print_slice(printer, &value))
            return false;
    }
    strbuf_putc(printer->out, container.is_object ? '}' : ']');
    return true;
}

static bool
print_slice(struct printer *printer, const struct slice *slice)
{
    if (printer->depth >= DEPTH_MAX || printer->out->len > printer->len_max)
        return false;
    printer->depth++;
    bool is_printed = is_container(slice->type) ? print_container(printer, slice) : print_scalar(printer->out, slice);
    printer->depth--;
    return is_printed;
}

static bool
broken(struct error *err)
{
    return error_set(err, ERROR_DATA, "the binary JSON value is broken");
}

static struct slice
document(const uint8_t *data, size_t len)
{
    struct bytes body = bytes_of(data, len);
    uint8_t type = bytes_u8(&body);
    return (struct slice){.type = type, .body = body};
}

bool
binlog_json_text(const struct binlog_cell *cell, struct strbuf *out, struct error *err)
{
    if (cell->is_text) {
        strbuf_add(out, cell->bytes.data, cell->bytes.len);
        return true;
    }
    struct printer printer = printer_of(out, cell->bytes.len);
    struct slice root = document(cell->bytes.data, cell->bytes.len);
    size_t start = out->len;
    if (!root.body.is_short && print_slice(&printer, &root))
        return true;
    out->len = start;
    return broken(err);
}

/* ---- edits ------------------------------------------------------------------------------------------------------ */

struct key {
    const uint8_t *data;
    size_t len;
};

/* A value of the tree: a slice of the binary form, or a container that was taken apart. */
struct node {
    bool is_open, is_object;
    struct slice slice;
    struct node **items;
    struct key *keys;
    size_t count, size;
};

static struct node *
node_of(const struct slice *slice, struct arena *arena)
{
    struct node *node = arena_new(arena, struct node);
    *node = (struct node){.slice = *slice};
    return node;
}

static void
node_insert(struct node *node, size_t at, struct key key, struct node *item, struct arena *arena)
{
    if (node->count == node->size) {
        size_t size = 2 * node->size + 8;
        struct node **items = arena_array(arena, struct node *, size);
        struct key *keys = arena_array(arena, struct key, size);
        if (node->count > 0) {
            memcpy(items, node->items, node->count * sizeof(*items));
            memcpy(keys, node->keys, node->count * sizeof(*keys));
        }
        node->items = items;
        node->keys = keys;
        node->size = size;
    }
    memmove(node->items + at + 1, node->items + at, (node->count - at) * sizeof(*node->items));
    memmove(node->keys + at + 1, node->keys + at, (node->count - at) * sizeof(*node->keys));
    node->items[at] = item;
    node->keys[at] = key;
    node->count++;
}

static void
node_remove(struct node *node, size_t at)
{
    node->count--;
    memmove(node->items + at, node->items + at + 1, (node->count - at) * sizeof(*node->items));
    memmove(node->keys + at, node->keys + at + 1, (node->count - at) * sizeof(*node->keys));
}

/* Take a container apart. False: it is none, or broken. */
static bool
node_open(struct node *node, struct arena *arena)
{
    struct container container;
    if (node->is_open)
        return true;
    if (!is_container(node->slice.type) || !container_open(&node->slice, &container))
        return false;
    node->is_open = true;
    node->is_object = container.is_object;
    for (size_t i = 0; i < container.count; i++) {
        struct slice value;
        struct key key = {0};
        if (!container_value(&container, i, &value) ||
            (container.is_object && !container_key(&container, i, &key.data, &key.len)))
            return false;
        node_insert(node, node->count, key, node_of(&value, arena), arena);
    }
    return true;
}

/* Where the key is, or (false) where it belongs: shorter keys come first. */
static bool
node_find(const struct node *node, struct key key, size_t *at_out)
{
    size_t i = 0;
    for (; i < node->count; i++) {
        const struct key *other = &node->keys[i];
        int order = other->len != key.len ? (other->len < key.len ? -1 : 1) : memcmp(other->data, key.data, key.len);
        if (order >= 0) {
            *at_out = i;
            return order == 0;
        }
    }
    *at_out = i;
    return false;
}

static bool
print_node(struct printer *printer, const struct node *node)
{
    if (!node->is_open)
        return print_slice(printer, &node->slice);
    if (printer->depth >= DEPTH_MAX)
        return false;
    printer->depth++;
    strbuf_putc(printer->out, node->is_object ? '{' : '[');
    for (size_t i = 0; i < node->count; i++) {
        if (i > 0)
            strbuf_putc(printer->out, ',');
        if (node->is_object) {
            print_text(printer->out, node->keys[i].data, node->keys[i].len);
            strbuf_putc(printer->out, ':');
        }
        if (!print_node(printer, node->items[i]))
            return false;
    }
    strbuf_putc(printer->out, node->is_object ? '}' : ']');
    printer->depth--;
    return true;
}

/* ---- paths: $.key."other key"[3] ---------------------------------------------------------------------------------- */

struct leg {
    bool is_index;
    size_t index;
    struct key key;
};

static int
hex_digit(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* \uXXXX below U+10000 as UTF-8; the server escapes control characters only. */
static bool
unescape_code(struct bytes *path, uint8_t **to)
{
    unsigned code = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(bytes_u8(path));
        if (digit < 0)
            return false;
        code = code << 4 | (unsigned)digit;
    }
    if (code < 0x80) {
        *(*to)++ = (uint8_t)code;
    } else if (code < 0x800) {
        *(*to)++ = (uint8_t)(0xc0 | code >> 6);
        *(*to)++ = (uint8_t)(0x80 | (code & 63));
    } else {
        *(*to)++ = (uint8_t)(0xe0 | code >> 12);
        *(*to)++ = (uint8_t)(0x80 | (code >> 6 & 63));
        *(*to)++ = (uint8_t)(0x80 | (code & 63));
    }
    return true;
}

static bool
read_quoted(struct bytes *path, struct arena *arena, struct key *out)
{
    static const char plain[256] = {['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f',
                                    ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'};
    uint8_t *start = arena_alloc(arena, bytes_left(path)), *to = start;
    for (;;) {
        uint8_t c = bytes_u8(path);
        if (path->is_short)
            return false;
        if (c == '"')
            break;
        if (c != '\\') {
            *to++ = c;
            continue;
        }
        c = bytes_u8(path);
        if (plain[c])
            *to++ = (uint8_t)plain[c];
        else if (c != 'u' || !unescape_code(path, &to))
            return false;
    }
    *out = (struct key){start, (size_t)(to - start)};
    return true;
}

static bool
read_index(struct bytes *path, struct leg *out)
{
    *out = (struct leg){.is_index = true};
    size_t digits = 0;
    for (uint8_t c = bytes_u8(path); c != ']'; c = bytes_u8(path), digits++) {
        if (c < '0' || c > '9' || digits > 9)
            return false;
        out->index = out->index * 10 + (size_t)(c - '0');
    }
    return digits > 0;
}

static bool
read_leg(struct bytes *path, struct arena *arena, struct leg *out)
{
    uint8_t kind = bytes_u8(path);
    if (kind == '[')
        return read_index(path, out);
    *out = (struct leg){.is_index = false};
    if (kind != '.')
        return false;
    if (bytes_left(path) > 0 && *path->at == '"') {
        bytes_u8(path);
        return read_quoted(path, arena, &out->key);
    }
    out->key.data = path->at;
    while (bytes_left(path) > 0 && *path->at != '.' && *path->at != '[')
        path->at++;
    out->key.len = (size_t)(path->at - out->key.data);
    return out->key.len > 0;
}

/* Where in an opened node a leg points; false: to nothing (then *at_out is where it would be). */
static bool
resolve(const struct node *node, const struct leg *leg, size_t *at_out)
{
    *at_out = 0;
    if (!node->items)
        return false;
    if (!leg->is_index)
        return node_find(node, leg->key, at_out);
    *at_out = leg->index < node->count ? leg->index : node->count;
    return leg->index < node->count;
}

/* ---- edits: operation u8, path (length, text), value (length, document) unless it is a removal ------------------------ */

enum { EDIT_REPLACE = 0, EDIT_INSERT = 1, EDIT_REMOVE = 2 };

static bool
edit_at(struct node *parent, const struct leg *leg, int operation, struct node *value, struct arena *arena)
{
    size_t at;
    if (!node_open(parent, arena) || parent->is_object == leg->is_index)
        return false;
    bool is_there = resolve(parent, leg, &at);
    if (operation == EDIT_INSERT) {
        if (is_there && !leg->is_index)
            return false;
        node_insert(parent, at, leg->key, value, arena);
        return true;
    }
    if (!is_there)
        return false;
    if (operation == EDIT_REMOVE)
        node_remove(parent, at);
    else
        parent->items[at] = value;
    return true;
}

static bool
edit(struct node **root, struct bytes path, int operation, struct node *value, struct arena *arena)
{
    struct leg leg, next;
    if (bytes_u8(&path) != '$')
        return false;
    if (bytes_left(&path) == 0) {
        *root = value;
        return operation == EDIT_REPLACE;
    }
    struct node *parent = *root;
    if (!read_leg(&path, arena, &leg))
        return false;
    while (bytes_left(&path) > 0) {
        size_t at;
        if (!read_leg(&path, arena, &next) || !node_open(parent, arena) || parent->is_object == leg.is_index ||
            !resolve(parent, &leg, &at))
            return false;
        parent = parent->items[at];
        leg = next;
    }
    return edit_at(parent, &leg, operation, value, arena);
}

static bool
apply(struct node **root, struct bytes *edits, struct arena *arena)
{
    uint8_t operation = bytes_u8(edits);
    struct bytes path = bytes_part(edits, bytes_packed(edits));
    struct node *value = NULL;
    if (operation != EDIT_REMOVE) {
        struct bytes body = bytes_part(edits, bytes_packed(edits));
        struct slice slice = document(body.at, bytes_left(&body));
        value = node_of(&slice, arena);
    }
    return !edits->is_short && operation <= EDIT_REMOVE && edit(root, path, operation, value, arena);
}

bool
binary_json_edited_text(const struct binlog_cell *before, struct bytes edits, struct strbuf *out, struct error *err)
{
    if (before->is_text)
        return broken(err);
    struct arena arena = ARENA_INIT;
    struct printer printer = printer_of(out, before->bytes.len + bytes_left(&edits));
    struct slice slice = document(before->bytes.data, before->bytes.len);
    struct node *root = node_of(&slice, &arena);
    bool is_applied = !slice.body.is_short;
    while (is_applied && bytes_left(&edits) > 0)
        is_applied = apply(&root, &edits, &arena);
    if (!is_applied)
        error_set(err, ERROR_DATA, "an edit of a JSON value does not fit the value");
    else if (!(is_applied = print_node(&printer, root)))
        broken(err);
    arena_fini(&arena);
    return is_applied;
}
