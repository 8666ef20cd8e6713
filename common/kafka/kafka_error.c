/* librdkafka's error codes in our terms, in one table. */
#include "common/kafka/client_config.h"

#include <stdarg.h>
#include <stdio.h>

#define KAFKA_ERRORS "org.apache.kafka.common.errors."

static const struct kafka_error_row {
    rd_kafka_resp_err_t code;
    enum error_code ours;
    bool retriable;
    const char *java_class;
} kafka_error_rows[] = {
    {RD_KAFKA_RESP_ERR__TIMED_OUT, ERROR_TIMEOUT, true, KAFKA_ERRORS "TimeoutException"},
    {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, ERROR_TIMEOUT, true, KAFKA_ERRORS "TimeoutException"},
    {RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, ERROR_TIMEOUT, true, KAFKA_ERRORS "TimeoutException"},
    {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, ERROR_TIMEOUT, true, KAFKA_ERRORS "TimeoutException"},
    {RD_KAFKA_RESP_ERR__TRANSPORT, ERROR_UNAVAILABLE, true, KAFKA_ERRORS "DisconnectException"},
    {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, ERROR_UNAVAILABLE, true, KAFKA_ERRORS "DisconnectException"},
    {RD_KAFKA_RESP_ERR__WAIT_COORD, ERROR_UNAVAILABLE, true, KAFKA_ERRORS "CoordinatorNotAvailableException"},
    {RD_KAFKA_RESP_ERR__RETRY, ERROR_UNAVAILABLE, true, KAFKA_ERRORS "RetriableException"},
    {RD_KAFKA_RESP_ERR__QUEUE_FULL, ERROR_UNAVAILABLE, true, KAFKA_ERRORS "BufferExhaustedException"},
    {RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, ERROR_UNAVAILABLE, true, KAFKA_ERRORS "BrokerNotAvailableException"},
    {RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, ERROR_UNAVAILABLE, true, KAFKA_ERRORS "LeaderNotAvailableException"},
    {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, ERROR_UNAVAILABLE, true, KAFKA_ERRORS "NotLeaderOrFollowerException"},
    {RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, ERROR_UNAVAILABLE, true, KAFKA_ERRORS "ReplicaNotAvailableException"},
    {RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, ERROR_UNAVAILABLE, true, KAFKA_ERRORS "NetworkException"},
    {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, ERROR_UNAVAILABLE, true, KAFKA_ERRORS "CoordinatorLoadInProgressException"},
    {RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, ERROR_UNAVAILABLE, true, KAFKA_ERRORS "CoordinatorNotAvailableException"},
    {RD_KAFKA_RESP_ERR_NOT_COORDINATOR, ERROR_UNAVAILABLE, true, KAFKA_ERRORS "NotCoordinatorException"},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, ERROR_UNAVAILABLE, true, KAFKA_ERRORS "NotEnoughReplicasException"},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, ERROR_UNAVAILABLE, true,
     KAFKA_ERRORS "NotEnoughReplicasAfterAppendException"},
    {RD_KAFKA_RESP_ERR_NOT_CONTROLLER, ERROR_UNAVAILABLE, true, KAFKA_ERRORS "NotControllerException"},
    {RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, ERROR_CONFIG, true, KAFKA_ERRORS "InvalidReplicationFactorException"},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, ERROR_CONFIG, false, KAFKA_ERRORS "TopicAuthorizationException"},
    {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, ERROR_CONFIG, false, KAFKA_ERRORS "GroupAuthorizationException"},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, ERROR_CONFIG, false, KAFKA_ERRORS "ClusterAuthorizationException"},
    {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, ERROR_CONFIG, false,
     KAFKA_ERRORS "TransactionalIdAuthorizationException"},
    {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, ERROR_CONFIG, false, KAFKA_ERRORS "SaslAuthenticationException"},
    {RD_KAFKA_RESP_ERR__AUTHENTICATION, ERROR_CONFIG, false, KAFKA_ERRORS "AuthenticationException"},
    {RD_KAFKA_RESP_ERR_INVALID_CONFIG, ERROR_CONFIG, false, KAFKA_ERRORS "InvalidConfigurationException"},
    {RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, ERROR_CONFIG, false, KAFKA_ERRORS "InvalidPartitionsException"},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, ERROR_CONFIG, false, KAFKA_ERRORS "InvalidTopicException"},
    {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, ERROR_CONFIG, false, KAFKA_ERRORS "PolicyViolationException"},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, ERROR_NOT_FOUND, false, KAFKA_ERRORS "UnknownTopicOrPartitionException"},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, ERROR_NOT_FOUND, false, KAFKA_ERRORS "UnknownTopicOrPartitionException"},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, ERROR_NOT_FOUND, false, KAFKA_ERRORS "UnknownTopicOrPartitionException"},
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, ERROR_DATA, false, KAFKA_ERRORS "RecordTooLargeException"},
    {RD_KAFKA_RESP_ERR_INVALID_MSG, ERROR_DATA, false, KAFKA_ERRORS "CorruptRecordException"},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, ERROR_DATA, false, KAFKA_ERRORS "InvalidRecordException"},
    {RD_KAFKA_RESP_ERR__FENCED, ERROR_CONFLICT, false, KAFKA_ERRORS "ProducerFencedException"},
    {RD_KAFKA_RESP_ERR_PRODUCER_FENCED, ERROR_CONFLICT, false, KAFKA_ERRORS "ProducerFencedException"},
    {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, ERROR_CONFLICT, false, KAFKA_ERRORS "InvalidProducerEpochException"},
};

bool
kafka_error(struct error *err, rd_kafka_resp_err_t code, const char *format, ...)
{
    static const struct kafka_error_row other = {.ours = ERROR_INTERNAL, .java_class = "org.apache.kafka.common.KafkaException"};
    const struct kafka_error_row *row = &other;
    for (size_t i = 0; i < sizeof(kafka_error_rows) / sizeof(kafka_error_rows[0]); i++)
        if (kafka_error_rows[i].code == code)
            row = &kafka_error_rows[i];
    char context[ERROR_MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(context, sizeof(context), format, args);
    va_end(args);
    error_set(err, row->ours, "%s: %s", context, rd_kafka_err2str(code));
    err->retriable = row->retriable;
    err->cause = code;
    err->java_class = row->java_class;
    return false;
}
