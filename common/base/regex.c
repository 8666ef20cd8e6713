/* java.util.regex on top of PCRE2: what is written differently is translated before compiling. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "common/base/regex.h"

#include "common/base/alloc.h"

#include <pcre2.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct regex {
    pcre2_code *code;
};

/* ---- Java's notation into PCRE2's ------------------------------------------------------------------------- */

/* Classes that Java names in \p{} and PCRE2 in [: :]. */
static const char *const posix_names[] = {"Lower", "Upper", "Alpha", "Digit", "Alnum", "Punct", "Graph",
                                          "Print", "Blank", "Cntrl", "XDigit", "Space", "ASCII"};

struct translation {
    const char *next;
    struct strbuf out;
    bool is_in_class;
};

static bool
is_hex4(const char *text)
{
    for (int i = 0; i < 4; i++)
        if (!isxdigit((unsigned char)text[i]))
            return false;
    return true;
}

/* \p{Alpha} or \P{Alpha}; false: not one of those names, nothing is consumed. */
static bool
translate_posix(struct translation *t)
{
    for (size_t i = 0; i < sizeof(posix_names) / sizeof(posix_names[0]); i++) {
        size_t len = strlen(posix_names[i]);
        const char *name = t->next + 3;
        if (t->next[2] != '{' || strncmp(name, posix_names[i], len) || name[len] != '}')
            continue;
        strbuf_puts(&t->out, t->is_in_class ? "[:" : "[[:");
        if (t->next[1] == 'P')
            strbuf_putc(&t->out, '^');
        for (size_t c = 0; c < len; c++)
            strbuf_putc(&t->out, (char)tolower((unsigned char)name[c]));
        strbuf_puts(&t->out, t->is_in_class ? ":]" : ":]]");
        t->next = name + len + 1;
        return true;
    }
    return false;
}

static void
translate_escape(struct translation *t)
{
    char letter = t->next[1];
    if (letter == 'Q') {
        const char *end = strstr(t->next, "\\E");
        size_t len = end ? (size_t)(end + 2 - t->next) : strlen(t->next);
        strbuf_add(&t->out, t->next, len);
        t->next += len;
    } else if (letter == 'u' && is_hex4(t->next + 2)) {
        strbuf_printf(&t->out, "\\x{%.4s}", t->next + 2);
        t->next += 6;
    } else if ((letter != 'p' && letter != 'P') || !translate_posix(t)) {
        size_t len = letter ? 2 : 1;
        strbuf_add(&t->out, t->next, len);
        t->next += len;
    }
}

static bool
translate(struct translation *t, struct error *err)
{
    const char *class_start = NULL;
    while (*t->next) {
        if (*t->next == '\\') {
            translate_escape(t);
            continue;
        }
        if (t->is_in_class && (*t->next == '[' || strncmp(t->next, "&&", 2) == 0))
            return error_set(err, ERROR_CONFIG, "classes inside classes and intersections are not supported: %s",
                             class_start);
        if (!t->is_in_class && *t->next == '[') {
            t->is_in_class = true;
            class_start = t->next;
            if (t->next[1] == '^')
                strbuf_putc(&t->out, *t->next++);
        } else if (*t->next == ']') {
            t->is_in_class = false;
        }
        strbuf_putc(&t->out, *t->next++);
    }
    return true;
}

/* ---- compile, match, replace --------------------------------------------------------------------------------- */

/* What users meet most, in the words of java.util.regex; `back`: how far Java's index is before PCRE2's. */
static const struct {
    int number;
    const char *text;
    size_t back;
} java_errors[] = {
    {PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS, "Unclosed group", 0},
    {PCRE2_ERROR_MISSING_SQUARE_BRACKET, "Unclosed character class", 1},
    {PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS, "Unmatched closing ')'", 1},
};

static void
compile_error(const char *pattern, int number, size_t offset, struct error *err)
{
    PCRE2_UCHAR message[256];
    pcre2_get_error_message(number, message, sizeof(message));
    const char *text = (const char *)message;
    for (size_t i = 0; i < sizeof(java_errors) / sizeof(java_errors[0]); i++) {
        if (java_errors[i].number != number)
            continue;
        text = java_errors[i].text;
        offset -= offset >= java_errors[i].back ? java_errors[i].back : 0;
    }
    bool has_mark = offset < strlen(pattern);
    error_set(err, ERROR_CONFIG, "%s near index %zu\n%s%s%*s", text, offset, pattern, has_mark ? "\n" : "",
              has_mark ? (int)offset + 1 : 0, has_mark ? "^" : "");
    err->java_class = "java.util.regex.PatternSyntaxException";
}

static pcre2_code *
compile(const char *pattern, size_t len, struct error *err)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    ensure(context, "out of memory");
    pcre2_set_newline(context, PCRE2_NEWLINE_ANY);
    int number;
    PCRE2_SIZE offset;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, len, PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C,
                                     &number, &offset, context);
    pcre2_compile_context_free(context);
    if (!code)
        compile_error(pattern, number, offset, err);
    return code;
}

struct regex *
regex_new(const char *pattern, struct error *err)
{
    struct translation t = {.next = pattern};
    struct regex *regex = NULL;
    strbuf_puts(&t.out, "");
    pcre2_code *code = translate(&t, err) ? compile(t.out.data, t.out.len, err) : NULL;
    if (code) {
        regex = xcalloc(1, sizeof(*regex));
        regex->code = code;
    }
    strbuf_fini(&t.out);
    return regex;
}

void
regex_free(struct regex *regex)
{
    if (!regex)
        return;
    pcre2_code_free(regex->code);
    free(regex);
}

bool
regex_matches(const struct regex *regex, const char *text)
{
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(regex->code, NULL);
    ensure(match, "out of memory");
    int count = pcre2_match(regex->code, (PCRE2_SPTR)text, strlen(text), 0, PCRE2_ANCHORED | PCRE2_ENDANCHORED, match, NULL);
    pcre2_match_data_free(match);
    return count > 0;
}

struct replacement {
    const struct regex *regex;
    const char *text;
    const PCRE2_SIZE *groups; /* pairs of start and end */
    uint32_t group_count;     /* without group 0 */
    struct strbuf *out;
};

static void
add_group(const struct replacement *r, uint32_t group)
{
    PCRE2_SIZE start = r->groups[2 * group], end = r->groups[2 * group + 1];
    if (start != PCRE2_UNSET && end > start)
        strbuf_add(r->out, r->text + start, end - start);
}

/* Behind "${". Returns what follows the brace, or NULL. */
static const char *
add_named_group(const struct replacement *r, const char *name, struct error *err)
{
    char text[64];
    size_t len = 0;
    while (isalnum((unsigned char)name[len]) && len + 1 < sizeof(text)) {
        text[len] = name[len];
        len++;
    }
    text[len] = '\0';
    if (len == 0 || name[len] != '}') {
        error_set(err, ERROR_DATA, len ? "named capturing group is missing trailing '}'"
                                       : "named capturing group has 0 length name");
        return NULL;
    }
    int group = pcre2_substring_number_from_name(r->regex->code, (PCRE2_SPTR)text);
    if (group < 0) {
        error_set(err, ERROR_DATA, "No group with name {%s}", text);
        return NULL;
    }
    add_group(r, (uint32_t)group);
    return name + len + 1;
}

/* At the first digit behind "$": as many digits as still name a group. */
static const char *
add_numbered_group(const struct replacement *r, const char *digit, struct error *err)
{
    if (!isdigit((unsigned char)*digit)) {
        error_set(err, ERROR_DATA, *digit ? "Illegal group reference" : "Illegal group reference: group index is missing");
        return NULL;
    }
    uint32_t group = (uint32_t)(*digit++ - '0');
    if (group > r->group_count) {
        error_set(err, ERROR_DATA, "No group %u", group);
        return NULL;
    }
    while (isdigit((unsigned char)*digit) && group * 10 + (uint32_t)(*digit - '0') <= r->group_count)
        group = group * 10 + (uint32_t)(*digit++ - '0');
    add_group(r, group);
    return digit;
}

static bool
expand(const struct replacement *r, const char *next, struct error *err)
{
    while (next && *next) {
        if (*next == '\\') {
            if (!next[1])
                return error_set(err, ERROR_DATA, "character to be escaped is missing");
            strbuf_putc(r->out, next[1]);
            next += 2;
        } else if (*next == '$') {
            next = next[1] == '{' ? add_named_group(r, next + 2, err) : add_numbered_group(r, next + 1, err);
        } else {
            strbuf_putc(r->out, *next++);
        }
    }
    return next != NULL;
}

bool
regex_replace_first(const struct regex *regex, const char *text, const char *replacement, struct strbuf *out,
                    struct error *err)
{
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(regex->code, NULL);
    ensure(match, "out of memory");
    struct replacement r = {.regex = regex, .text = text, .out = out};
    pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &r.group_count);
    r.groups = pcre2_get_ovector_pointer(match);
    size_t len_before = out->len;
    bool is_done = true;
    if (pcre2_match(regex->code, (PCRE2_SPTR)text, strlen(text), 0, 0, match, NULL) > 0) {
        strbuf_add(out, text, r.groups[0]);
        is_done = expand(&r, replacement, err);
        if (is_done)
            strbuf_puts(out, text + r.groups[1]);
        else
            out->data[out->len = len_before] = '\0';
    } else {
        strbuf_puts(out, text);
    }
    pcre2_match_data_free(match);
    return is_done;
}
