#include "connect/connectors/binlog/incremental_key.h"

#include "common/base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
cdc_key_fini(struct cdc_key *key)
{
    for (size_t i = 0; i < key->count; i++)
        free(key->parts[i].bytes);
    free(key->parts);
    *key = (struct cdc_key){0};
}

void
cdc_key_add(struct cdc_key *key, const char *bytes, size_t len)
{
    key->parts = xrealloc(key->parts, (key->count + 1) * sizeof(*key->parts));
    key->parts[key->count++] = (struct cdc_key_part){.bytes = bytes ? xmemdup(bytes, len) : NULL, .len = bytes ? len : 0};
}

/* ---- in the offset ------------------------------------------------------------------------------------------------ */

static void
write_hex(const struct cdc_key_part *part, struct strbuf *out)
{
    for (size_t i = 0; i < part->len; i++)
        strbuf_printf(out, "%02x", (unsigned char)part->bytes[i]);
}

static json_t *
part_json(const struct cdc_key_part *part)
{
    if (!part->bytes)
        return json_null();
    json_t *text = memchr(part->bytes, '\0', part->len) ? NULL : json_stringn(part->bytes, part->len);
    if (text)
        return text;
    struct strbuf hex = STRBUF_INIT;
    write_hex(part, &hex);
    json_t *object = json_pack("{s:s}", "hex", hex.data);
    strbuf_fini(&hex);
    return object;
}

json_t *
cdc_key_json(const struct cdc_key *key)
{
    json_t *list = json_array();
    for (size_t i = 0; i < key->count; i++)
        json_array_append_new(list, part_json(&key->parts[i]));
    return list;
}

static bool
add_hex(struct cdc_key *key, const char *hex)
{
    size_t len = hex ? strlen(hex) / 2 : 0;
    char *bytes = xcalloc(len + 1, 1);
    bool ok = hex && strlen(hex) % 2 == 0 && strspn(hex, "0123456789abcdefABCDEF") == 2 * len;
    for (size_t i = 0; ok && i < len; i++)
        bytes[i] = (char)strtoul((char[]){hex[2 * i], hex[2 * i + 1], '\0'}, NULL, 16);
    if (ok)
        cdc_key_add(key, bytes, len);
    free(bytes);
    return ok;
}

bool
cdc_key_parse(const json_t *list, struct cdc_key *out)
{
    size_t i;
    json_t *item;
    bool ok = json_is_array(list);
    *out = (struct cdc_key){0};
    json_array_foreach(list, i, item) {
        if (json_is_string(item))
            cdc_key_add(out, json_string_value(item), json_string_length(item));
        else if (json_is_null(item))
            cdc_key_add(out, NULL, 0);
        else
            ok = ok && add_hex(out, json_string_value(json_object_get(item, "hex")));
    }
    if (!ok)
        cdc_key_fini(out);
    return ok;
}

/* ---- in statements -------------------------------------------------------------------------------------------------- */

void
cdc_key_write_column(const struct cdc_column *column, struct strbuf *sql)
{
    bool is_listed = column->type == CDC_ENUM || column->type == CDC_SET;
    strbuf_puts(sql, is_listed ? "CONCAT(" : "");
    db_quote_name(sql, column->name);
    strbuf_puts(sql, is_listed ? ")" : "");
}

/* Bytes are no text of the connection's character set; bits are compared as a number. */
static void
write_literal(const struct cdc_column *column, const struct cdc_key_part *part, struct db *db, struct strbuf *sql)
{
    bool is_bytes = column->type >= CDC_BINARY && column->type <= CDC_LONGBLOB, is_bits = column->type == CDC_BIT;
    if (!is_bytes && !is_bits) {
        db_quote(db, sql, part->bytes, part->len);
        return;
    }
    strbuf_puts(sql, "X'");
    write_hex(part, sql);
    strbuf_puts(sql, is_bits ? "'+0" : "'");
}

/* `sign` is > or =. */
static void
write_comparison(const struct cdc_column *column, char sign, const struct cdc_key_part *part, struct db *db, struct strbuf *sql)
{
    cdc_key_write_column(column, sql);
    if (!part->bytes) {
        strbuf_puts(sql, sign == '>' ? " IS NOT NULL" : " IS NULL");
        return;
    }
    strbuf_printf(sql, " %c ", sign);
    write_literal(column, part, db, sql);
}

void
cdc_key_write_equal(const struct cdc_key *key, const struct cdc_column *const *columns, struct db *db, struct strbuf *sql)
{
    strbuf_putc(sql, '(');
    for (size_t i = 0; i < key->count; i++) {
        strbuf_puts(sql, i ? " AND " : "");
        write_comparison(columns[i], '=', &key->parts[i], db, sql);
    }
    strbuf_putc(sql, ')');
}

void
cdc_key_write_behind(const struct cdc_key *key, const struct cdc_column *const *columns, struct db *db, struct strbuf *sql)
{
    strbuf_putc(sql, '(');
    for (size_t i = 0; i < key->count; i++) {
        strbuf_puts(sql, i ? " OR (" : "(");
        for (size_t j = 0; j <= i; j++) {
            strbuf_puts(sql, j ? " AND " : "");
            write_comparison(columns[j], j == i ? '>' : '=', &key->parts[j], db, sql);
        }
        strbuf_putc(sql, ')');
    }
    strbuf_putc(sql, ')');
}
