/* Tests of the binlog decoder on what servers sent (tests/data/binlog). */
#include "common/base/alloc.h"
#include "tests/fakes/binlog_text.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const recorded[] = {"mysql-9.7", "mariadb-10.11"};

static void
path_of(const char *name, const char *ending, char out[256])
{
    snprintf(out, 256, "tests/data/binlog/%s.%s", name, ending);
}

static struct strbuf
read_file(const char *name, const char *ending)
{
    struct strbuf content = STRBUF_INIT;
    char path[256];
    path_of(name, ending, path);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "cannot read %s", path);
    for (size_t n = 1; n > 0; strbuf_wrote(&content, n))
        n = fread(strbuf_room(&content, 4096), 1, 4096, file);
    fclose(file);
    return content;
}

static void
update_file(const char *name, const struct strbuf *text)
{
    char path[256];
    path_of(name, "txt", path);
    FILE *file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "cannot write %s", path);
    fwrite(text->data, 1, text->len, file);
    fclose(file);
}

static void
compare_lines(const char *is, const char *should)
{
    for (int line = 1; *is || *should; line++) {
        size_t is_len = strcspn(is, "\n"), should_len = strcspn(should, "\n");
        ck_assert_msg(is_len == should_len && memcmp(is, should, is_len) == 0, "line %d\n is:     %.*s\n should: %.*s", line,
                      (int)is_len, is, (int)should_len, should);
        is += is_len + (is[is_len] != '\0');
        should += should_len + (should[should_len] != '\0');
    }
}

START_TEST(recorded_events_are_read_as_they_were_written)
{
    struct strbuf data = read_file(recorded[_i], "binlog"), text = STRBUF_INIT;
    struct error err = ERROR_INIT;
    ck_assert_msg(binlog_text_recorded(data.data, data.len, &text, &err), "%s", err.message);
    if (getenv("UPDATE"))
        update_file(recorded[_i], &text);
    struct strbuf should = read_file(recorded[_i], "txt");
    compare_lines(text.data, should.data);
    strbuf_fini(&should);
    strbuf_fini(&data);
    strbuf_fini(&text);
}
END_TEST

/* Every event is damaged at every byte behind its header in turn: the checksum tells. */
START_TEST(a_damaged_event_is_refused)
{
    struct strbuf data = read_file(recorded[_i], "binlog"), text = STRBUF_INIT;
    for (size_t at = 200; at < data.len; at += 97) {
        struct error err = ERROR_INIT;
        strbuf_reset(&text);
        data.data[at] = (char)(data.data[at] ^ 0x10);
        ck_assert_msg(!binlog_text_recorded(data.data, data.len, &text, &err), "damaged at byte %zu", at);
        ck_assert_int_eq(err.code, ERROR_DATA);
        data.data[at] = (char)(data.data[at] ^ 0x10);
    }
    strbuf_fini(&data);
    strbuf_fini(&text);
}
END_TEST

START_TEST(a_stream_that_is_cut_off_is_refused)
{
    struct strbuf data = read_file(recorded[_i], "binlog"), text = STRBUF_INIT;
    size_t refused = 0;
    for (size_t len = data.len - 300; len < data.len; len++) {
        struct error err = ERROR_INIT;
        strbuf_reset(&text);
        refused += !binlog_text_recorded(data.data, len, &text, &err);
    }
    ck_assert_msg(refused > 290, "%zu", refused); /* all but those that end between two events */
    strbuf_fini(&data);
    strbuf_fini(&text);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("recorded");
    TCase *tc = tcase_create("recorded");
    int count = sizeof(recorded) / sizeof(recorded[0]);
    tcase_add_loop_test(tc, recorded_events_are_read_as_they_were_written, 0, count);
    tcase_add_loop_test(tc, a_damaged_event_is_refused, 0, count);
    tcase_add_loop_test(tc, a_stream_that_is_cut_off_is_refused, 0, count);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
