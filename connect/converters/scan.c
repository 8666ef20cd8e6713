/* See scan.h. The recursion of scan_skip is bounded by SCAN_DEPTH_MAX. */
#include "connect/converters/scan.h"

#include "connect/data/utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void
scan_init(struct scan *scan, const char *text, size_t len)
{
    *scan = (struct scan){.start = text, .next = text, .end = text + len};
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        scan->next += 3;
}

bool
scan_fail(struct scan *scan, const char *problem)
{
    scan->problem = problem;
    return false;
}

/* ---- strings ------------------------------------------------------------------------------------------------ */

#define EACH_BYTE(b) (0x0101010101010101ull * (b))

/* True when none of eight bytes is a quote, a backslash, a control character or beyond ASCII. */
static bool
is_plain_word(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, 8);
    uint64_t quote = word ^ EACH_BYTE('"'), backslash = word ^ EACH_BYTE('\\');
    uint64_t found =
        (word - EACH_BYTE(0x20)) | word | ((quote - EACH_BYTE(1)) & ~quote) | ((backslash - EACH_BYTE(1)) & ~backslash);
    return (found & EACH_BYTE(0x80)) == 0;
}

/* From inside a string to its closing quote or next backslash. */
static bool
skip_plain(struct scan *scan)
{
    const char *next = scan->next, *end = scan->end;
    for (;;) {
        while (end - next >= 8 && is_plain_word(next))
            next += 8;
        if (next == end)
            return scan_fail(scan, "unexpected end of input in a string");
        unsigned char c = (unsigned char)*next;
        if (c == '"' || c == '\\')
            break;
        int len = utf8_length(next, end);
        scan->next = next;
        if (c < 0x20)
            return scan_fail(scan, "control character in a string has to be escaped");
        if (len == 0)
            return scan_fail(scan, "invalid UTF-8");
        next += len;
    }
    scan->next = next;
    return true;
}

/* Four hexadecimal digits, or -1. */
static int
hex4(const char *text, const char *end)
{
    int code = 0;
    if (end - text < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)text[i];
        if (!isxdigit(c))
            return -1;
        code = code * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return code;
}

static char *
put_utf8(char *to, uint32_t code)
{
    if (code < 0x80) {
        *to++ = (char)code;
    } else if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
        *to++ = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *to++ = (char)(0xe0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
        *to++ = (char)(0x80 | (code & 0x3f));
    } else {
        *to++ = (char)(0xf0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 0x3f));
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
        *to++ = (char)(0x80 | (code & 0x3f));
    }
    return to;
}

/* Behind "\u". *to_io advances; NULL skips. */
static bool
scan_unicode(struct scan *scan, char **to_io)
{
    int code = hex4(scan->next, scan->end);
    if (code < 0)
        return scan_fail(scan, "expected four hexadecimal digits behind \\u");
    scan->next += 4;
    uint32_t point = (uint32_t)code;
    if (code >= 0xd800 && code < 0xe000) {
        int low = code < 0xdc00 && scan->end - scan->next >= 6 && scan->next[0] == '\\' && scan->next[1] == 'u'
                      ? hex4(scan->next + 2, scan->end)
                      : -1;
        bool is_pair = low >= 0xdc00 && low < 0xe000;
        point = is_pair ? 0x10000 + ((uint32_t)(code - 0xd800) << 10) + (uint32_t)(low - 0xdc00) : '?';
        scan->next += is_pair ? 6 : 0;
    }
    if (*to_io)
        *to_io = put_utf8(*to_io, point);
    return true;
}

/* At a backslash. */
static bool
scan_escape(struct scan *scan, char **to_io)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    if (scan->end - scan->next < 2)
        return scan_fail(scan, "unexpected end of input in an escape");
    char letter = scan->next[1];
    scan->next += 2;
    if (letter == 'u')
        return scan_unicode(scan, to_io);
    const char *at = letter ? strchr(from, letter) : NULL;
    if (!at)
        return scan_fail(scan, "unrecognized character escape");
    if (*to_io)
        *(*to_io)++ = into[at - from];
    return true;
}

/* Over the rest of a string with escapes, from its first backslash; *to_io NULL only skips. */
static bool
scan_escaped(struct scan *scan, char **to_io)
{
    while (*scan->next != '"') {
        if (!scan_escape(scan, to_io))
            return false;
        const char *run = scan->next;
        if (!skip_plain(scan))
            return false;
        if (*to_io && scan->next > run) {
            memcpy(*to_io, run, (size_t)(scan->next - run));
            *to_io += scan->next - run;
        }
    }
    return true;
}

bool
scan_string(struct scan *scan, struct arena *arena, struct scan_span *out)
{
    const char *first = ++scan->next;
    if (!skip_plain(scan))
        return false;
    if (*scan->next == '"') {
        *out = (struct scan_span){.start = first, .len = (size_t)(scan->next++ - first)};
        return true;
    }
    struct scan ahead = *scan;
    char *none = NULL;
    if (!scan_escaped(&ahead, &none)) {
        *scan = ahead;
        return false;
    }
    /* no escape is shorter than what it stands for */
    char *copy = arena_alloc(arena, (size_t)(ahead.next - first)), *to = copy;
    memcpy(to, first, (size_t)(scan->next - first));
    to += scan->next - first;
    if (!scan_escaped(scan, &to))
        return false;
    scan->next++;
    *out = (struct scan_span){.start = copy, .len = (size_t)(to - copy)};
    return true;
}

static bool
skip_string(struct scan *scan)
{
    char *none = NULL;
    scan->next++;
    if (!skip_plain(scan) || !scan_escaped(scan, &none))
        return false;
    scan->next++;
    return true;
}

/* ---- numbers and words ------------------------------------------------------------------------------------------ */

static bool
skip_digits(struct scan *scan)
{
    const char *first = scan->next;
    while (scan->next < scan->end && isdigit((unsigned char)*scan->next))
        scan->next++;
    return scan->next > first;
}

bool
scan_number(struct scan *scan, struct scan_span *out, bool *is_integral_out)
{
    const char *first = scan->next;
    scan->next += *scan->next == '-';
    if (!skip_digits(scan))
        return scan_fail(scan, "expected a digit in a number");
    *is_integral_out = true;
    if (scan->next < scan->end && *scan->next == '.') {
        *is_integral_out = false;
        scan->next++;
        if (!skip_digits(scan))
            return scan_fail(scan, "decimal point not followed by a digit");
    }
    if (scan->next < scan->end && (*scan->next == 'e' || *scan->next == 'E')) {
        *is_integral_out = false;
        scan->next++;
        scan->next += scan->next < scan->end && (*scan->next == '-' || *scan->next == '+');
        if (!skip_digits(scan))
            return scan_fail(scan, "exponent without a digit");
    }
    *out = (struct scan_span){.start = first, .len = (size_t)(scan->next - first)};
    return out->len <= SCAN_NUMBER_MAX || scan_fail(scan, "number is longer than 1000 characters");
}

bool
scan_literal(struct scan *scan, char *out)
{
    const char *word = *scan->next == 'n' ? "null" : *scan->next == 't' ? "true" : "false";
    size_t len = strlen(word);
    *out = *word;
    if ((size_t)(scan->end - scan->next) < len || memcmp(scan->next, word, len))
        return scan_fail(scan, "unrecognized token: expected null, true or false");
    scan->next += len;
    unsigned char c = scan->next < scan->end ? (unsigned char)*scan->next : ' ';
    if (isalnum(c) || c == '_' || c == '$' || c >= 0x80)
        return scan_fail(scan, "unrecognized token: expected null, true or false");
    return true;
}

/* ---- objects and arrays ------------------------------------------------------------------------------------------ */

bool
scan_open(struct scan *scan)
{
    scan->next++;
    if (++scan->depth > SCAN_DEPTH_MAX)
        return scan_fail(scan, "document is nested deeper than 1000 levels");
    return true;
}

void
scan_close(struct scan *scan)
{
    scan->depth--;
}

bool
scan_first(struct scan *scan, char close)
{
    if (scan_take(scan, close))
        return false;
    if (scan->next == scan->end)
        return scan_fail(scan, "unexpected end of input");
    return true;
}

bool
scan_next(struct scan *scan, char close)
{
    if (scan->problem)
        return false;
    char c = scan_peek(scan);
    if (c == ',') {
        scan->next++;
        return true;
    }
    if (c == close) {
        scan->next++;
        return false;
    }
    return scan_fail(scan, scan->next == scan->end ? "unexpected end of input" : "expected a comma");
}

bool
scan_name(struct scan *scan, struct arena *arena, struct scan_span *out)
{
    if (scan_peek(scan) != '"')
        return scan_fail(scan, "expected a double quote to start a member name");
    if (!scan_string(scan, arena, out))
        return false;
    if (out->len > SCAN_NAME_MAX)
        return scan_fail(scan, "member name is longer than 50000 bytes");
    return scan_take(scan, ':') || scan_fail(scan, "expected a colon behind a member name");
}

static bool
skip_name(struct scan *scan)
{
    if (scan_peek(scan) != '"')
        return scan_fail(scan, "expected a double quote to start a member name");
    const char *first = scan->next;
    if (!skip_string(scan))
        return false;
    if (scan->next - first > SCAN_NAME_MAX)
        return scan_fail(scan, "member name is longer than 50000 bytes");
    return scan_take(scan, ':') || scan_fail(scan, "expected a colon behind a member name");
}

static bool
skip_items(struct scan *scan, char close)
{
    if (!scan_open(scan))
        return false;
    for (bool more = scan_first(scan, close); more; more = scan_next(scan, close))
        if ((close == '}' && !skip_name(scan)) || !scan_skip(scan))
            return false;
    scan_close(scan);
    return !scan->problem;
}

bool
scan_skip(struct scan *scan)
{
    struct scan_span number;
    bool is_integral;
    char literal;
    switch (scan_peek(scan)) {
    case '"':
        return skip_string(scan);
    case '{':
        return skip_items(scan, '}');
    case '[':
        return skip_items(scan, ']');
    case 'n':
    case 't':
    case 'f':
        return scan_literal(scan, &literal);
    case '-': case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
        return scan_number(scan, &number, &is_integral);
    default:
        return scan_fail(scan, scan->next == scan->end ? "unexpected end of input" : "expected a value");
    }
}

bool
scan_document(struct scan *scan)
{
    char first = scan_peek(scan);
    if (!scan_skip(scan))
        return false;
    bool is_number = first == '-' || isdigit((unsigned char)first);
    if (is_number && scan->next < scan->end && !strchr(" \t\r\n", *scan->next))
        return scan_fail(scan, "expected a blank behind a number");
    return true;
}

bool
scan_members(struct scan *scan, const char *const *names, size_t count, struct scan_span *out, size_t *others_out)
{
    *others_out = 0;
    memset(out, 0, count * sizeof(*out));
    struct arena arena = ARENA_INIT; /* for names with escapes, which are rare */
    if (!scan_open(scan))
        return false;
    for (bool more = scan_first(scan, '}'); more; more = scan_next(scan, '}')) {
        struct scan_span name;
        if (!scan_name(scan, &arena, &name))
            break;
        scan_peek(scan);
        const char *start = scan->next;
        if (!scan_skip(scan))
            break;
        size_t i = 0;
        while (i < count && !scan_span_is(name, names[i], strlen(names[i])))
            i++;
        if (i < count)
            out[i] = (struct scan_span){.start = start, .len = (size_t)(scan->next - start)};
        else
            ++*others_out;
    }
    arena_fini(&arena);
    scan_close(scan);
    return !scan->problem;
}

/* ---- what numbers mean ------------------------------------------------------------------------------------------- */

/* The parts of a checked number. */
struct parts {
    bool is_negative;
    const char *digits; /* may have a point among them */
    size_t len;         /* with the point */
    size_t whole;       /* digits in front of the point */
    long exponent;
};

static struct parts
split(struct scan_span number)
{
    struct parts parts = {.is_negative = *number.start == '-'};
    parts.digits = number.start + parts.is_negative;
    const char *end = number.start + number.len, *next = parts.digits;
    while (next < end && isdigit((unsigned char)*next))
        next++;
    parts.whole = (size_t)(next - parts.digits);
    while (next < end && *next != 'e' && *next != 'E')
        next++;
    parts.len = (size_t)(next - parts.digits);
    if (next < end) {
        bool is_negative = *++next == '-';
        for (next += *next == '-' || *next == '+'; next < end; next++)
            if (parts.exponent < 1000000)
                parts.exponent = parts.exponent * 10 + (*next - '0');
        parts.exponent = is_negative ? -parts.exponent : parts.exponent;
    }
    return parts;
}

int64_t
scan_number_long(struct scan_span number)
{
    struct parts parts = split(number);
    long take = (long)parts.whole + parts.exponent; /* digits of the integral part */
    uint64_t value = 0;
    for (size_t i = 0; i < parts.len && take > 0; i++) {
        if (parts.digits[i] == '.')
            continue;
        value = value * 10 + (uint64_t)(parts.digits[i] - '0');
        take--;
    }
    for (int i = 0; i < 64 && take > 0; i++, take--)
        value *= 10;
    return (int64_t)(take > 0 ? 0 : parts.is_negative ? 0 - value : value);
}

/* Few digits and a small power of ten: both are exact in a double, so one operation rounds correctly. */
static bool
read_exactly(struct scan_span number, double limit, long power_limit, double *out)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (number.len > 18)
        return false;
    struct parts parts = split(number);
    uint64_t value = 0;
    for (size_t i = 0; i < parts.len; i++)
        if (parts.digits[i] != '.')
            value = value * 10 + (uint64_t)(parts.digits[i] - '0');
    long power = parts.exponent - (long)(parts.len > parts.whole ? parts.len - parts.whole - 1 : 0);
    if ((double)value > limit || power > power_limit || power < -power_limit)
        return false;
    double result = power < 0 ? (double)value / powers[-power] : (double)value * powers[power];
    *out = parts.is_negative ? -result : result;
    return true;
}

double
scan_number_double(struct scan_span number)
{
    double result;
    if (read_exactly(number, 9007199254740992.0, 22, &result))
        return result;
    char text[SCAN_NUMBER_MAX + 1];
    memcpy(text, number.start, number.len);
    text[number.len] = '\0';
    return strtod(text, NULL);
}

float
scan_number_float(struct scan_span number)
{
    char text[SCAN_NUMBER_MAX + 1];
    memcpy(text, number.start, number.len);
    text[number.len] = '\0';
    return strtof(text, NULL);
}

const char *
scan_type_name(char first)
{
    switch (first) {
    case '{':
        return "OBJECT";
    case '[':
        return "ARRAY";
    case '"':
        return "STRING";
    case 't':
    case 'f':
        return "BOOLEAN";
    case 'n':
        return "NULL";
    default:
        return "NUMBER";
    }
}
