/* JSON in the two shapes a client of the original sees. */
#include "common/resource/json_write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void
indent(struct json_writer *writer)
{
    static const char blanks[] = "                                ";
    size_t n = 2 * (size_t)writer->depth;
    strbuf_putc(writer->out, '\n');
    strbuf_add(writer->out, blanks, n < sizeof(blanks) ? n : sizeof(blanks) - 1);
}

/* Before a value: what separates it from its name or its predecessor. */
static void
separate(struct json_writer *writer)
{
    if (writer->is_named)
        writer->is_named = false;
    else if (writer->has_before)
        strbuf_puts(writer->out, writer->is_pretty ? ", " : ",");
    writer->has_before = true;
}

void
json_object_open(struct json_writer *writer)
{
    separate(writer);
    strbuf_putc(writer->out, '{');
    writer->depth++;
    writer->has_before = false;
}

void
json_object_end(struct json_writer *writer)
{
    writer->depth--;
    if (writer->is_pretty && writer->has_before)
        indent(writer);
    else if (writer->is_pretty)
        strbuf_putc(writer->out, ' ');
    strbuf_putc(writer->out, '}');
    writer->has_before = true;
}

void
json_array_open(struct json_writer *writer)
{
    separate(writer);
    strbuf_puts(writer->out, writer->is_pretty ? "[ " : "[");
    writer->has_before = false;
}

void
json_array_end(struct json_writer *writer)
{
    strbuf_puts(writer->out, writer->is_pretty && writer->has_before ? " ]" : "]");
    writer->has_before = true;
}

void
json_name(struct json_writer *writer, const char *name)
{
    if (writer->has_before)
        strbuf_putc(writer->out, ',');
    if (writer->is_pretty)
        indent(writer);
    writer->has_before = false;
    json_text(writer, name, strlen(name));
    strbuf_puts(writer->out, writer->is_pretty ? " : " : ":");
    writer->is_named = true;
}

/* ---- text ------------------------------------------------------------------------------------------------- */

static void
put_escaped(struct strbuf *out, unsigned char c)
{
    static const char from[] = "\"\\\b\t\n\f\r", to[] = "\"\\btnfr";
    const char *known = c ? strchr(from, c) : NULL;
    if (known)
        strbuf_printf(out, "\\%c", to[known - from]);
    else
        strbuf_printf(out, "\\u%04X", c);
}

void
json_text(struct json_writer *writer, const char *text, size_t len)
{
    separate(writer);
    struct strbuf *out = writer->out;
    strbuf_putc(out, '"');
    size_t plain = 0; /* start of what can be copied as it is */
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool is_long = c >= 0xf0 && writer->is_pretty && len - i >= 4;
        if (c >= 0x20 && c != '"' && c != '\\' && !is_long)
            continue;
        strbuf_add(out, text + plain, i - plain);
        if (is_long) {
            uint32_t code = (uint32_t)(c & 7) << 18 | (uint32_t)(text[i + 1] & 63) << 12 | (uint32_t)(text[i + 2] & 63) << 6 | (uint32_t)(text[i + 3] & 63);
            code -= 0x10000;
            strbuf_printf(out, "\\u%04X\\u%04X", 0xd800 + (code >> 10), 0xdc00 + (code & 0x3ff));
            i += 3;
        } else {
            put_escaped(out, c);
        }
        plain = i + 1;
    }
    strbuf_add(out, text + plain, len - plain);
    strbuf_putc(out, '"');
}

void
json_text_member(struct json_writer *writer, const char *name, const char *text)
{
    json_name(writer, name);
    json_text(writer, text, strlen(text));
}

void
json_raw(struct json_writer *writer, const char *text)
{
    separate(writer);
    strbuf_puts(writer->out, text);
}

/* ---- numbers ------------------------------------------------------------------------------------------------ */

void
json_int(struct json_writer *writer, int64_t number)
{
    separate(writer);
    strbuf_add_int(writer->out, number);
}

/* The shortest digits that read back equal, without point: "d.dddde[+-]xx" of the first precision that does. */
static int
shortest(double number, char *digits, int *exponent)
{
    char text[40];
    bool is_small = number < 2.3e-308; /* few digits are significant there */
    for (int precision = is_small ? 1 : 14; precision <= 16; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, number);
        if (strtod(text, NULL) == number)
            break;
    }
    int count = 0;
    char *c = text;
    for (; *c != 'e'; c++)
        if (*c != '.')
            digits[count++] = *c;
    *exponent = atoi(c + 1);
    while (count > 1 && digits[count - 1] == '0')
        count--;
    return count;
}

size_t
java_double_text(char *out, double number)
{
    if (isnan(number))
        return (size_t)sprintf(out, "NaN");
    char *to = out, digits[24];
    if (signbit(number))
        *to++ = '-';
    number = fabs(number);
    if (isinf(number))
        return (size_t)(to - out) + (size_t)sprintf(to, "Infinity");
    int exponent = 0, count = 1;
    digits[0] = '0';
    if (number != 0)
        count = shortest(number, digits, &exponent);
    bool is_plain = number == 0 || (number >= 1e-3 && number < 1e7);
    int whole = is_plain ? exponent + 1 : 1; /* digits before the point; not above 0: zeros follow it */
    if (whole <= 0)
        *to++ = '0';
    for (int i = 0; i < whole; i++)
        *to++ = i < count ? digits[i] : '0';
    *to++ = '.';
    for (int i = whole; i < 0; i++)
        *to++ = '0';
    if (whole >= count)
        *to++ = '0';
    for (int i = whole > 0 ? whole : 0; i < count; i++)
        *to++ = digits[i];
    *to = '\0';
    return (size_t)(to - out) + (is_plain ? 0 : (size_t)sprintf(to, "E%d", exponent));
}

void
json_double(struct json_writer *writer, double number)
{
    separate(writer);
    strbuf_wrote(writer->out, java_double_text(strbuf_room(writer->out, JAVA_DOUBLE_SIZE), number));
}
