/*
 * connectors/kafka/kafka_properties_test.c -- properties of both worlds, as librdkafka wants them.
 */
#include "connectors/kafka/kafka_properties.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static sb_arena *arena;
static sb_error err;
static sb_text notes;

static int
set_up(void **state)
{
    (void)state;
    arena = sb_arena_new(sb_mem_root());
    sb_text_init(&notes, sb_mem_root());
    sb_error_clear(&err);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    sb_text_deinit(&notes);
    arena = sb_arena_free(arena);
    return 0;
}

static void
note(void *ctx, bool warning, const char *line)
{
    (void)ctx;
    assert_true(warning);
    sb_text_printf(&notes, "%s\n", line);
}

static sb_status
translate(const char *const *pairs, sb_kafka_native **out, int32_t *out_count)
{
    sb_log_property properties[16];
    sb_log_config config = {.mem = sb_mem_root(), .properties = properties, .note = note};
    for (; pairs[2 * config.count]; config.count++) {
        properties[config.count] =
            (sb_log_property){pairs[2 * config.count], pairs[2 * config.count + 1]};
    }
    return sb_kafka_properties_translate(&config, arena, out, out_count, &err);
}

/* "key=value" of each, with ", " between them. */
static void
becomes(const char *expected, const char *const *pairs)
{
    sb_kafka_native *at;
    int32_t count;
    sb_text got;
    sb_text_init(&got, sb_mem_root());
    if (translate(pairs, &at, &count) != SB_OK) {
        fail_msg("%s", err.message);
    }
    for (int32_t i = 0; i < count; i++) {
        sb_text_printf(&got, "%s%s=%s", i ? ", " : "", at[i].key, at[i].value);
    }
    assert_string_equal(got.data, expected);
    sb_text_deinit(&got);
}

#define BECOMES(expected, ...) becomes(expected, (const char *[]){__VA_ARGS__, NULL})

static void
fails(sb_status status, const char *message, const char *hint, const char *const *pairs)
{
    sb_kafka_native *at;
    int32_t count;
    sb_error_clear(&err);
    assert_int_equal(translate(pairs, &at, &count), status);
    if (!strstr(err.message, message) || !strstr(err.hint, hint)) {
        fail_msg("%s\n%s", err.message, err.hint);
    }
}

#define FAILS(status, message, hint, ...) \
    fails(SB_STATUS_##status, message, hint, (const char *[]){__VA_ARGS__, NULL})

static void
names_of_java_have_others(void **state)
{
    (void)state;
    BECOMES("bootstrap.servers=h:1, linger.ms=5", "bootstrap.servers", "h:1", "linger.ms", "5");
    BECOMES("message.max.bytes=2000000", "max.request.size", "2000000");
    BECOMES("fetch.wait.max.ms=100", "fetch.max.wait.ms", "100");
    BECOMES("socket.timeout.ms=7000", "request.timeout.ms", "7000");
    BECOMES("socket.receive.buffer.bytes=0, socket.send.buffer.bytes=65536", "receive.buffer.bytes",
            "-1", "send.buffer.bytes", "65536");
    BECOMES("queue.buffering.max.kbytes=32768", "buffer.memory", "33554432");
    BECOMES("queue.buffering.max.kbytes=1", "buffer.memory", "1");
    BECOMES("delivery.timeout.ms=9", "message.timeout.ms", "9");
    BECOMES("ssl.endpoint.identification.algorithm=none", "ssl.endpoint.identification.algorithm",
            "");
    BECOMES("a.name.of.the.future=x", "a.name.of.the.future", "x");
    assert_string_equal(notes.data, "");
    FAILS(INVALID, "'properties.buffer.memory' = 'much'", "", "buffer.memory", "much");
}

static void
clients_get_their_own(void **state)
{
    (void)state;
    sb_kafka_native *at;
    int32_t count;
    const char *pairs[] = {"linger.ms", "5", "fetch.min.bytes",   "1",
                           "client.id", "x", "client.dns.lookup", "use_all_dns_ips",
                           NULL};
    assert_int_equal(translate(pairs, &at, &count), SB_OK);
    assert_int_equal(count, 4);
    assert_int_equal(at[0].clients, SB_KAFKA_FOR_PRODUCER);
    assert_int_equal(at[1].clients, SB_KAFKA_FOR_CONSUMER);
    assert_int_equal(at[2].clients, SB_KAFKA_FOR_BOTH);
    assert_false(at[2].optional);
    assert_true(at[3].optional);
}

static void
what_changes_nothing_is_noted(void **state)
{
    (void)state;
    BECOMES("", "key.deserializer", "org.x.StringDeserializer", "max.poll.records", "5",
            "isolation.level", "read_committed");
    assert_string_equal(
        notes.data, "the property 'key.deserializer' changes nothing: 'key.format' reads keys\n"
                    "the property 'max.poll.records' changes nothing: batches are as large as the "
                    "engine's\n");
}

static void
what_cannot_be_says_what_to_write(void **state)
{
    (void)state;
    FAILS(NOT_SUPPORTED, "the property 'partitioner.class'", "write 'sink.partitioner'",
          "partitioner.class", "x.Y");
    FAILS(NOT_SUPPORTED, "the property 'transactional.id'", "'sink.transactional-id-prefix'",
          "transactional.id", "x");
    FAILS(INVALID, "unknown property 'bootstrap.server'",
          "did you mean 'properties.bootstrap.servers'?", "bootstrap.server", "h:1");
    FAILS(NOT_SUPPORTED, "'properties.sasl.login.callback.handler.class' = 'x.MyHandler'", "oidc",
          "sasl.login.callback.handler.class", "x.MyHandler");
}

static void
stores_of_keys(void **state)
{
    (void)state;
    BECOMES("ssl.ca.location=/c/ca.pem", "ssl.truststore.location", "/c/ca.pem");
    BECOMES("ssl.ca.location=/c/trust", "ssl.truststore.location", "/c/trust",
            "ssl.truststore.type", "pem");
    BECOMES("ssl.keystore.location=k.p12, ssl.keystore.password=s", "ssl.keystore.location",
            "k.p12", "ssl.keystore.password", "s");
    BECOMES("ssl.certificate.location=k.pem, ssl.key.location=k.pem", "ssl.keystore.location",
            "k.pem");
    BECOMES("ssl.ca.pem=A, ssl.certificate.pem=B, ssl.key.pem=C", "ssl.truststore.certificates",
            "A", "ssl.keystore.certificate.chain", "B", "ssl.keystore.key", "C");
    FAILS(NOT_SUPPORTED, "'/c/trust.jks' is no PEM file",
          "keytool -importkeystore -srckeystore /c/trust.jks -destkeystore trust.p12",
          "ssl.truststore.location", "/c/trust.jks");
    FAILS(NOT_SUPPORTED, "is no PEM file", "openssl pkcs12 -in t.p12 -nokeys -out ca.pem",
          "ssl.truststore.location", "t.p12");
    FAILS(NOT_SUPPORTED, "'k.jks' is neither PKCS12 nor PEM", "keytool -importkeystore",
          "ssl.keystore.location", "k.jks");
}

#define MODULE(name) "org.apache.kafka.common.security." name
#define JAAS         "sasl.jaas.config"

static void
logins_of_jaas(void **state)
{
    (void)state;
    BECOMES("sasl.username=ann, sasl.password=s;e\"c ret\\", JAAS,
            MODULE("plain.PlainLoginModule") " required username=\"ann\" "
                                             "password=\"s;e\\\"c ret\\\\\";");
    BECOMES("sasl.username=ann, sasl.password=x=y", JAAS,
            "  " MODULE("scram.ScramLoginModule") "\n required\n username = ann\n "
                                                  "password='x=y' ; ");
    BECOMES("sasl.oauthbearer.client.id=i, sasl.oauthbearer.client.secret=s, "
            "sasl.oauthbearer.scope=a b, sasl.oauthbearer.method=oidc",
            JAAS,
            MODULE("oauthbearer.OAuthBearerLoginModule") " required clientId=\"i\" "
                                                         "clientSecret=\"s\" scope=\"a b\";");
    BECOMES("sasl.kerberos.keytab=/k, sasl.kerberos.principal=a@B", JAAS,
            "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true "
            "storeKey=true keyTab=\"/k\" principal=\"a@B\";");
    FAILS(NOT_SUPPORTED, "login module 'com.x.Login'", "PlainLoginModule", JAAS,
          "com.x.Login required;");
    FAILS(NOT_SUPPORTED, "option 'user' of the login module 'PlainLoginModule'", "", JAAS,
          "x.PlainLoginModule required user=a;");
    FAILS(INVALID, "expected ';'", "PlainLoginModule required", JAAS,
          "x.PlainLoginModule required username=secret");
    assert_null(strstr(err.message, "secret"));
    FAILS(INVALID, "expected 'required'", "", JAAS, "x.PlainLoginModule username=a;");
    FAILS(INVALID, "expected a value", "", JAAS, "x.PlainLoginModule required username=\"a;");
    FAILS(INVALID, "expected '='", "", JAAS, "x.PlainLoginModule required username a;");
    FAILS(INVALID, "only one login module", "", JAAS,
          "x.PlainLoginModule required username=a; x.PlainLoginModule required;");
    FAILS(INVALID, "expected the name of a login module", "", JAAS, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_of_java_have_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(clients_get_their_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_changes_nothing_is_noted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_says_what_to_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stores_of_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(logins_of_jaas, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
