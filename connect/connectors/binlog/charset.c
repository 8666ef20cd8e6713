/*
 * Single-byte sets become a table of 256 UTF-8 texts when the decoder is made, the others go through iconv. Names on
 * the right are those of the Java charset that Debezium takes for the set.
 */
#include "connect/connectors/binlog/charset.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "connect/data/utf8.h"

#include <iconv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("io.debezium.connector.mysql.charset");

enum { UTF8_MAX = 4 };
#define REPLACEMENT "\xEF\xBF\xBD"

static const struct {
    const char *name, *iconv;
    bool is_single; /* one byte a character */
} charsets[] = {
    {"latin1", "CP1252", true},      {"latin2", "ISO-8859-2", true},   {"latin5", "ISO-8859-9", true},
    {"latin7", "ISO-8859-13", true}, {"greek", "ISO-8859-7", true},    {"hebrew", "ISO-8859-8", true},
    {"cp1250", "CP1250", true},      {"cp1251", "CP1251", true},       {"cp1256", "CP1256", true},
    {"cp1257", "CP1257", true},      {"cp850", "CP850", true},         {"cp852", "CP852", true},
    {"cp866", "CP866", true},        {"koi8r", "KOI8-R", true},        {"koi8u", "KOI8-U", true},
    {"tis620", "TIS-620", true},     {"macroman", "MACINTOSH", true},  {"macce", "MAC-CENTRALEUROPE", true},
    {"armscii8", "ARMSCII-8", true}, {"hp8", "HP-ROMAN8", true},       {"dec8", "ISO-8859-1", true},
    {"ucs2", "UTF-16BE", false},     {"utf16", "UTF-16BE", false},     {"utf16le", "UTF-16LE", false},
    {"utf32", "UTF-32BE", false},    {"sjis", "SHIFT_JIS", false},     {"cp932", "CP932", false},
    {"ujis", "EUC-JP", false},       {"eucjpms", "EUC-JP-MS", false},  {"euckr", "EUC-KR", false},
    {"big5", "BIG5", false},         {"gb2312", "GB2312", false},      {"gbk", "GBK", false},
    {"gb18030", "GB18030", false},
};

struct character {
    char bytes[UTF8_MAX];
    unsigned char len;
};

struct cdc_charset {
    iconv_t iconv;           /* (iconv_t)-1: not used */
    bool is_single;
    struct character table[256];
};

#define NO_ICONV ((iconv_t)-1)

static void
fill_table(struct cdc_charset *charset)
{
    for (int i = 0; i < 256; i++) {
        char in = (char)i, *from = &in, *to = charset->table[i].bytes;
        size_t from_len = 1, to_len = UTF8_MAX;
        iconv(charset->iconv, NULL, NULL, NULL, NULL);
        if (iconv(charset->iconv, &from, &from_len, &to, &to_len) == (size_t)-1) {
            memcpy(charset->table[i].bytes, REPLACEMENT, 3);
            to_len = UTF8_MAX - 3;
        }
        charset->table[i].len = (unsigned char)(UTF8_MAX - to_len);
    }
}

struct cdc_charset *
cdc_charset_new(const char *name)
{
    struct cdc_charset *charset = xcalloc(1, sizeof(*charset));
    charset->iconv = NO_ICONV;
    for (size_t i = 0; name && i < sizeof(charsets) / sizeof(*charsets); i++) {
        if (strcasecmp(charsets[i].name, name) != 0)
            continue;
        charset->iconv = iconv_open("UTF-8", charsets[i].iconv);
        charset->is_single = charsets[i].is_single;
        if (charset->iconv == NO_ICONV)
            log_warn("the C library cannot decode %s (%s): text is taken for UTF-8", name, charsets[i].iconv);
        else if (charset->is_single)
            fill_table(charset);
    }
    return charset;
}

void
cdc_charset_free(struct cdc_charset *charset)
{
    if (charset && charset->iconv != NO_ICONV)
        iconv_close(charset->iconv);
    free(charset);
}

static struct value
decode_single(const struct cdc_charset *charset, const char *bytes, size_t len, struct arena *arena)
{
    size_t size = 0;
    for (size_t i = 0; i < len; i++)
        size += charset->table[(unsigned char)bytes[i]].len;
    char *text = arena_alloc(arena, size + 1), *to = text;
    for (size_t i = 0; i < len; i++) {
        const struct character *character = &charset->table[(unsigned char)bytes[i]];
        for (int j = 0; j < character->len; j++)
            *to++ = character->bytes[j];
    }
    *to = '\0';
    return value_string(text, size);
}

/* Room for the worst case: every byte its own U+FFFD; a character takes at most twice its bytes otherwise. */
static struct value
decode_multi(const struct cdc_charset *charset, const char *bytes, size_t len, struct arena *arena)
{
    size_t room = len * 3 + UTF8_MAX;
    char *text = arena_alloc(arena, room + 1), *to = text;
    char *from = (char *)(uintptr_t)bytes;
    iconv(charset->iconv, NULL, NULL, NULL, NULL);
    while (len > 0 && iconv(charset->iconv, &from, &len, &to, &room) == (size_t)-1 && len > 0 && room >= 3) {
        memcpy(to, REPLACEMENT, 3);
        to += 3;
        room -= 3;
        from++;
        len--;
    }
    *to = '\0';
    return value_string(text, (size_t)(to - text));
}

struct value
cdc_charset_decode(struct cdc_charset *charset, const char *bytes, size_t len, struct arena *arena)
{
    if (charset->iconv == NO_ICONV) {
        const char *text = utf8_mend(bytes, &len, arena);
        return value_string(text == bytes ? arena_memdup(arena, bytes, len) : text, len);
    }
    return charset->is_single ? decode_single(charset, bytes, len, arena) : decode_multi(charset, bytes, len, arena);
}
