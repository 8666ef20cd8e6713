#include "common/base/clock.h"
#include "common/base/mailbox.h"

#include <check.h>
#include <stdlib.h>

struct letter {
    struct mail mail;
    int number;
};

enum { LETTERS = 20000 };

static void *
post_all(void *arg)
{
    struct mailbox *box = arg;
    for (int i = 0; i < LETTERS; i++) {
        struct letter *letter = malloc(sizeof(*letter));
        letter->number = i;
        if (!mailbox_post(box, &letter->mail))
            abort();
    }
    return NULL;
}

START_TEST(messages_of_one_sender_come_in_order_and_complete)
{
    struct mailbox box;
    mailbox_init(&box);
    pthread_t sender;
    ck_assert_int_eq(pthread_create(&sender, NULL, post_all, &box), 0);
    for (int i = 0; i < LETTERS; i++) {
        struct letter *letter = (struct letter *)mailbox_take(&box, 10000);
        ck_assert_ptr_nonnull(letter);
        ck_assert_int_eq(letter->number, i);
        free(letter);
    }
    pthread_join(sender, NULL);
    ck_assert_uint_eq(mailbox_count(&box), 0);
    mailbox_fini(&box);
}
END_TEST

START_TEST(taking_from_an_empty_box_ends_at_the_deadline)
{
    struct mailbox box;
    mailbox_init(&box);
    int64_t started = clock_now_ms();
    ck_assert_ptr_null(mailbox_take(&box, 0));
    ck_assert_ptr_null(mailbox_take(&box, 30));
    ck_assert_int_ge(clock_now_ms() - started, 29);
    mailbox_fini(&box);
}
END_TEST

START_TEST(a_closed_box_refuses_letters_but_gives_what_it_has)
{
    struct mailbox box;
    struct letter first = {.number = 1}, second = {.number = 2};
    mailbox_init(&box);
    ck_assert(mailbox_post(&box, &first.mail));
    mailbox_close(&box);
    mailbox_close(&box);
    ck_assert(!mailbox_post(&box, &second.mail));
    ck_assert_ptr_eq(mailbox_take(&box, -1), &first.mail);
    ck_assert_ptr_null(mailbox_take(&box, -1));
    mailbox_fini(&box);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("mailbox");
    TCase *tc = tcase_create("mailbox");
    tcase_add_test(tc, messages_of_one_sender_come_in_order_and_complete);
    tcase_add_test(tc, taking_from_an_empty_box_ends_at_the_deadline);
    tcase_add_test(tc, a_closed_box_refuses_letters_but_gives_what_it_has);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
