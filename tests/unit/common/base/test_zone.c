/* Tests of common/base/zone.c, against what java.util.TimeZone answers. */
#include "common/base/zone.h"

#include <check.h>
#include <stdlib.h>
#include <time.h>

static int64_t
seconds(const char *text)
{
    struct tm tm = {0};
    ck_assert_ptr_nonnull(strptime(text, "%Y-%m-%d %H:%M:%S", &tm));
    return timegm(&tm);
}

static const struct {
    const char *zone, *local, *utc;
} conversions[] = {
    {"UTC", "2020-02-29 10:11:12", "2020-02-29 10:11:12"},
    {"Z", "2020-02-29 10:11:12", "2020-02-29 10:11:12"},
    {"+09:00", "2020-02-29 10:11:12", "2020-02-29 01:11:12"},
    {"GMT-05:30", "2020-02-29 10:11:12", "2020-02-29 15:41:12"},
    {"UTC+1", "2020-02-29 10:11:12", "2020-02-29 10:11:12"},
    {"EST", "2020-07-29 10:11:12", "2020-07-29 15:11:12"},
    {"JST", "2020-07-29 10:11:12", "2020-07-29 01:11:12"},
    {"Asia/Seoul", "2020-02-29 10:11:12", "2020-02-29 01:11:12"},
    {"Asia/Seoul", "1987-07-01 12:00:00", "1987-07-01 02:00:00"},
    {"Asia/Seoul", "1987-10-11 02:30:00", "1987-10-10 17:30:00"}, /* comes twice */
    {"Asia/Seoul", "1961-08-10 00:10:00", "1961-08-09 15:40:00"}, /* does not exist */
    {"Asia/Seoul", "1900-01-01 00:00:00", "1899-12-31 15:00:00"},
    {"America/New_York", "2021-03-14 01:59:59", "2021-03-14 06:59:59"},
    {"America/New_York", "2021-03-14 02:30:00", "2021-03-14 07:30:00"}, /* does not exist */
    {"America/New_York", "2021-03-14 03:00:00", "2021-03-14 07:00:00"},
    {"America/New_York", "2021-11-07 00:59:59", "2021-11-07 04:59:59"},
    {"America/New_York", "2021-11-07 01:30:00", "2021-11-07 06:30:00"}, /* comes twice */
    {"America/New_York", "1850-06-01 00:00:00", "1850-06-01 05:00:00"}, /* no local mean time */
    {"America/New_York", "2200-07-01 12:00:00", "2200-07-01 16:00:00"}, /* by the rule behind the table */
    {"America/New_York", "2200-01-01 12:00:00", "2200-01-01 17:00:00"},
    {"Australia/Sydney", "2100-01-01 12:00:00", "2100-01-01 01:00:00"}, /* summer over new year */
    {"Australia/Sydney", "2100-07-01 12:00:00", "2100-07-01 02:00:00"},
};

START_TEST(a_wall_clock_time_becomes_the_instant_java_says)
{
    struct error err = ERROR_INIT;
    struct zone *zone = zone_open(conversions[_i].zone, &err);
    ck_assert_ptr_nonnull(zone);
    ck_assert_int_eq(zone_to_utc(zone, seconds(conversions[_i].local)), seconds(conversions[_i].utc));
    zone_close(zone);
}
END_TEST

START_TEST(the_offset_of_an_instant_follows_summer_time)
{
    struct error err = ERROR_INIT;
    struct zone *zone = zone_open("Europe/Berlin", &err);
    ck_assert_ptr_nonnull(zone);
    ck_assert(!zone_is_fixed(zone));
    ck_assert_int_eq(zone_offset(zone, seconds("2024-03-31 00:59:59")), 3600);
    ck_assert_int_eq(zone_offset(zone, seconds("2024-03-31 01:00:00")), 7200);
    ck_assert_int_eq(zone_offset(zone, seconds("2150-10-01 00:00:00")), 7200);
    zone_close(zone);
}
END_TEST

static const char *const unknown[] = {"", "Mars/Olympus", "../../../etc/passwd", "Asia/../Asia/Seoul", "GMT+25:00", "+09:0", "utc+", "posixrules/x"};

START_TEST(an_unknown_id_is_refused)
{
    struct error err = ERROR_INIT;
    ck_assert_ptr_null(zone_open(unknown[_i], &err));
    ck_assert_int_eq(err.code, ERROR_CONFIG);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("common/base/zone");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, a_wall_clock_time_becomes_the_instant_java_says, 0, sizeof(conversions) / sizeof(*conversions));
    tcase_add_test(tcase, the_offset_of_an_instant_follows_summer_time);
    tcase_add_loop_test(tcase, an_unknown_id_is_refused, 0, sizeof(unknown) / sizeof(*unknown));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
