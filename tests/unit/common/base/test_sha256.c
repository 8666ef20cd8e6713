/* Tests of common/base/sha256.c with the published test vectors. */
#include "common/base/sha256.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
hex(const unsigned char *digest)
{
    static char text[65];
    for (int i = 0; i < SHA256_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return text;
}

static const struct {
    const char *text, *digest;
} digests[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

START_TEST(digests_are_those_of_the_standard)
{
    unsigned char out[SHA256_SIZE];
    sha256(digests[_i].text, strlen(digests[_i].text), out);
    ck_assert_str_eq(hex(out), digests[_i].digest);
}
END_TEST

START_TEST(a_keyed_digest_is_that_of_the_standard)
{
    unsigned char out[SHA256_SIZE], key[131];
    hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, out);
    ck_assert_str_eq(hex(out), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof(key));
    hmac_sha256(key, sizeof(key), "Test Using Larger Than Block-Size Key - Hash Key First", 54, out);
    ck_assert_str_eq(hex(out), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
END_TEST

START_TEST(bytes_are_compared)
{
    ck_assert(bytes_equal("ab", "ab", 2));
    ck_assert(!bytes_equal("ab", "ac", 2));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("common/base/sha256");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, digests_are_those_of_the_standard, 0, 3);
    tcase_add_test(tcase, a_keyed_digest_is_that_of_the_standard);
    tcase_add_test(tcase, bytes_are_compared);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
