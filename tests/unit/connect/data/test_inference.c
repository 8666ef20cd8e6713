#include "connect/data/inference.h"
#include "tests/fakes/show_value.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* What org.apache.kafka.connect.data.Values of Kafka 4.1 makes of these texts (seen by running it). */
static const struct {
    const char *text, *shown;
} texts[] = {
    {"true", "boolean Boolean true"},
    {"false", "boolean Boolean false"},
    {"True", "string String True"},
    {"NULL", "string String NULL"},
    {"5", "int8 Byte 5"},
    {"-5", "int8 Byte -5"},
    {"127", "int8 Byte 127"},
    {"128", "int16 Short 128"},
    {"-129", "int16 Short -129"},
    {"32768", "int32 Integer 32768"},
    {"2147483648", "int64 Long 2147483648"},
    {"9223372036854775808", "bytes Decimal(0) BigDecimal 9223372036854775808"},
    {"-9223372036854775809", "bytes Decimal(0) BigDecimal -9223372036854775809"},
    {"+5", "int8 Byte 5"},
    {"0123", "int8 Byte 123"},
    {"007.5", "float Float 7.5"},
    {"1.0", "int8 Byte 1"},
    {"1e3", "int16 Short 1000"},
    {"1.5", "float Float 1.5"},
    {"1.1", "float Float 1.1"},
    {"0.1", "float Float 0.1"},
    {"123456789.123", "float Float 1.2345679E8"},
    {"1e40", "double Double 1.0E40"},
    {"1e400", "bytes Decimal(-400) BigDecimal 1E+400"},
    {"-0", "int8 Byte 0"},
    {"-0.0", "int8 Byte 0"},
    {".5", "string String .5"},
    {"5.", "int8 Byte 5"},
    {"1,2", "int8 Byte 1"},
    {"1, 2", "int8 Byte 1"},
    {"2024-01-15", "int32 Date Date1705276800000"},
    {"2024-13-45", "int32 Date Date1739491200000"},
    {"12:34:56.789Z", "int32 Time Date45296789"},
    {"12:34:56Z", "int8 Byte 12"},
    {"2024-01-15T12:34:56.789Z", "int64 Timestamp Date1705322096789"},
    {"2024-01-15T12:34:56Z", "string String 2024-01-15T12:34:56Z"},
    {"2024-01-15T12:34:56.789+0900", "string String 2024-01-15T12:34:56.789+0900"},
    {"[]", "array<-> []"},
    {"[1,2]", "array<int8> [Byte 1,Byte 2,]"},
    {"[1,\"a\"]", "array<-> [Byte 1,String a,]"},
    {"[1,2.5]", "array<float> [Float 1.0,Float 2.5,]"},
    {"[1,true]", "array<-> [Byte 1,Boolean true,]"},
    {"[1,[2]]", "array<-> [Byte 1,[Byte 2,],]"},
    {"[1,,2]", "string String [1,,2]"},
    {"[1", "string String [1"},
    {"1]", "int8 Byte 1"},
    {"{}", "map<-,-> {}"},
    {"{\"a\":1}", "map<string,int8> {String a=Byte 1,}"},
    {"{a:1}", "string String {a:1}"},
    {"{\"a\":1,\"b\":\"x\"}", "map<string,-> {String a=Byte 1,String b=String x,}"},
    {"{\"a\":1,\"b\":null}", "string String {\"a\":1,\"b\":null}"},
    {"{\"a\"}", "string String {\"a\"}"},
    {"{1:2}", "map<int8,int8> {Byte 1=Byte 2,}"},
    {"\"quoted\"", "string String \"quoted\""},
    {"\"a", "string String \"a"},
    {"a\"b", "string String a\"b"},
    {"", "string String "},
    {" ", "string String  "},
    {"  5  ", "int8 Byte 5"},
    {" x ", "string String  x "},
    {"a,b", "string String a,b"},
    {"a:b", "string String a:b"},
    {"x", "string String x"},
    {"true,false", "string String true,false"},
    {"[true", "string String [true"},
    {"\\", "string String \\"},
    {"a\\\"b", "string String a\\\"b"},
    {"{\"a\":[1,2]}", "map<string,array<int8>> {String a=[Byte 1,Byte 2,],}"},
    {"[{\"a\":1}]", "array<map<string,int8>> [{String a=Byte 1,},]"},
    {"[null]", "array<-> [null,]"},
    {"[null,1]", "string String [null,1]"},
    {"[1,300]", "array<int16> [Short 1,Short 300,]"},
    {"[1,100000]", "array<int32> [Integer 1,Integer 100000,]"},
    {"[1.5,2]", "array<float> [Float 1.5,Float 2.0,]"},
    {"NaN", "string String NaN"},
    {"Infinity", "string String Infinity"},
    {"0x10", "string String 0x10"},
    {"1_000", "string String 1_000"},
    {"1f", "string String 1f"},
    {"1d", "string String 1d"},
    {"1L", "string String 1L"},
    {"5 6", "string String 5 6"},
    {"[ 1 , 2 ]", "array<int8> [Byte 1,Byte 2,]"},
    {"{ \"a\" : 1 }", "map<string,int8> {String a=Byte 1,}"},
    {"[1,2]x", "array<int8> [Byte 1,Byte 2,]"},
    {"x[1,2]", "string String x[1,2]"},
    {"12345678901234567890123.5", "float Float 1.2345679E22"},
    {"1e-50", "float Float 0.0"},
    {"3.4028235e38", "float Float 3.4028235E38"},
    {"3.5e38", "double Double 3.5E38"},
    {"0.30000001", "float Float 0.3"},
    {"100000000000", "int64 Long 100000000000"},
    {"1e10", "int64 Long 10000000000"},
    {"1e18", "int64 Long 1000000000000000000"},
    {"1e19", "float Float 1.0E19"},
    {"[\"2024-01-15\"]", "array<int32 Date> [Date1705276800000,]"},
    {"2024-1-5", "string String 2024-1-5"},
    {"24:00:00.000Z", "int32 Time Date86400000"},
    {"{\"a\":\"b\",\"c\":\"d\"}", "map<string,string> {String a=String b,String c=String d,}"},
    {"[\"a\",\"b\"]", "array<string> [String a,String b,]"},
    {"truex", "string String truex"},
    {"trueTrue", "string String trueTrue"},
    {"null,", "string String null,"},
    {"[],", "array<-> []"},
    {"\"\"", "string String \"\""},
    {"'x'", "string String 'x'"},
    {"1:2", "int8 Byte 1"},
    {"{}x", "map<-,-> {}"},
    {"{\"a\":1,}", "map<string,int8> {String a=Byte 1,}"},
    {"[1,]", "array<int8> [Byte 1,]"},
    {"[,1]", "string String [,1]"},
    {"00", "int8 Byte 0"},
    {"-", "string String -"},
    {"+", "string String +"},
    {"--5", "string String --5"},
    {"1-2", "string String 1-2"},
    {"t", "string String t"},
    {"f", "string String f"},
    {"n", "string String n"},
    {"nul", "string String nul"},
    {"null", "- null"}, /* 4.1.1 throws a NullPointerException here; other releases give null */
};

START_TEST(the_type_is_inferred_as_kafka_connect_does)
{
    struct arena arena = ARENA_INIT;
    struct strbuf shown = STRBUF_INIT;
    const struct schema *schema;
    struct value value;
    size_t len = strlen(texts[_i].text);
    char *exact = malloc(len + 1); /* so that the sanitizer sees a read beyond */
    memcpy(exact, texts[_i].text, len);
    inference_parse(exact, len, &arena, &schema, &value);
    show_schema(schema, &shown);
    strbuf_putc(&shown, ' ');
    show_value(schema, &value, &shown);
    ck_assert_str_eq(shown.data, texts[_i].shown);
    free(exact);
    schema_unref(schema);
    strbuf_fini(&shown);
    arena_fini(&arena);
    ck_assert_uint_eq(schema_interned_count(), 0);
}
END_TEST

START_TEST(instants_look_by_what_they_hold)
{
    const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "00:00:00.000Z"}, {86399999, "23:59:59.999Z"}, {86400000, "1970-01-02"}, {86400001, "1970-01-02T00:00:00.001Z"},
        {-1, "23:59:59.999Z"}, {1700000000123, "2023-11-14T22:13:20.123Z"}, {951782400000, "2000-02-29"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct strbuf out = STRBUF_INIT;
        inference_instant_text(cases[i].ms, &out);
        ck_assert_str_eq(out.data, cases[i].text);
        strbuf_fini(&out);
    }
}
END_TEST

START_TEST(nested_strings_are_quoted_and_others_not)
{
    struct strbuf out = STRBUF_INIT;
    const struct schema *number = schema_primitive(SCHEMA_INT32, false), *text = schema_primitive(SCHEMA_STRING, true);
    const struct schema *time = schema_logical_new(SCHEMA_TIMESTAMP, false);
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    schema_builder_field(builder, "a", number);
    schema_builder_field(builder, "b", text);
    schema_builder_field(builder, "t", time);
    const struct schema *schema = schema_builder_finish(builder);
    struct value items[] = {value_int(1), VALUE_NONE, value_int(1700000000123)};
    struct value row = {.kind = VALUE_STRUCT, .len = 3, .as.items = items};
    inference_text(schema, &row, &out);
    ck_assert_str_eq(out.data, "{\"a\":1,\"b\":null,\"t\":2023-11-14T22:13:20.123Z}");
    strbuf_reset(&out);
    struct value mixed[] = {value_int(1), value_string("a\"\\", 3), VALUE_NONE, value_boolean(true), value_bytes("\1", 1), value_real(1.5), value_decimal("1", 1, -3)};
    struct value list = {.kind = VALUE_ARRAY, .len = 7, .as.items = mixed};
    inference_text(NULL, &list, &out);
    ck_assert_str_eq(out.data, "[1,\"a\\\"\\\\\",null,true,\"AQ==\",1.5,1E+3]");
    strbuf_reset(&out);
    inference_text(NULL, &mixed[1], &out);
    ck_assert_str_eq(out.data, "a\"\\");
    schema_unref(schema);
    schema_unref(number);
    schema_unref(text);
    schema_unref(time);
    strbuf_fini(&out);
}
END_TEST

START_TEST(deep_nesting_is_a_string)
{
    struct arena arena = ARENA_INIT;
    char text[5000];
    memset(text, '[', sizeof(text));
    const struct schema *schema;
    struct value value;
    inference_parse(text, sizeof(text), &arena, &schema, &value);
    ck_assert_int_eq(value.kind, VALUE_STRING);
    schema_unref(schema);
    arena_fini(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("inference");
    TCase *tc = tcase_create("inference");
    tcase_add_loop_test(tc, the_type_is_inferred_as_kafka_connect_does, 0, sizeof(texts) / sizeof(texts[0]));
    tcase_add_test(tc, instants_look_by_what_they_hold);
    tcase_add_test(tc, nested_strings_are_quoted_and_others_not);
    tcase_add_test(tc, deep_nesting_is_a_string);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
