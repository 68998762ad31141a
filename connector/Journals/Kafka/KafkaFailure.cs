using ActivityConnector.Pipeline;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace ActivityConnector.Journals.Kafka;

/// <summary>What an error of the client or the cluster means to the caller.</summary>
internal static class KafkaFailure
{
    /// <summary>What OAuth has a token endpoint answer whom it refuses (RFC 6749, 5.2).</summary>
    private static readonly string[] TokenRefusals =
        ["invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"];

    /// <summary>Whether a topic or partition is not there that the journal needs.</summary>
    public static bool IsOfMissingTopic(JournalException failure) => failure.InnerException is KafkaException e
        && ErrorOf(e).Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition or ErrorCode.UnknownTopicId;

    /// <summary>Whether the client or the cluster found a message too large.</summary>
    public static bool IsOfSize(JournalException failure) => failure.InnerException is KafkaException { Error.Code: ErrorCode.MsgSizeTooLarge };

    /// <param name="doing">What was tried, to stand before "failed".</param>
    /// <param name="trouble">What the connection reported last, for an error that reports only that no broker answered.</param>
    public static JournalException Of(KafkaException exception, string doing, string? trouble)
    {
        var error = ErrorOf(exception);
        if (error.Code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch)
        {
            return new JournalFencedException(
                $"{doing} was refused: a newer writer has taken the source over, or the transaction was open for longer than Kafka:TransactionTimeout.",
                "Nothing, if it was restarted or taken over on purpose; "
                + "otherwise see that only one deployment uses this Kafka:TopicPrefix and Kafka:Environment.",
                exception);
        }

        if (error.Code == ErrorCode.InvalidProducerIdMapping)
        {
            return new JournalUnavailableException(
                $"{doing} was refused: the cluster has forgotten the transactional id, "
                + "because the source was idle for longer than transactional.id.expiration.ms.",
                "Nothing: the source is taken over anew.",
                exception);
        }

        if ((Refusal(error.Code) ?? Refusal(trouble)) is var (cause, fix))
        {
            return new JournalMisconfiguredException($"{doing} failed: {cause}", fix, exception);
        }

        var said = trouble is null || trouble == error.Reason ? "" : $" ({trouble})";
        return new JournalUnavailableException(
            $"{doing} failed: {error.Reason.TrimEnd('.')}{said}.",
            IsOfTokens(trouble)
                ? "See that the token endpoint can be reached and is well, "
                    + "and that its certificate is of an authority of https.ca.location in Kafka:Properties, or of the system's."
                : "See that the brokers of Kafka:BootstrapServers can be reached and are well; the command check shows more.",
            exception);
    }

    /// <summary>The error of an answer about several partitions is only that there are errors.</summary>
    private static Error ErrorOf(KafkaException exception) => exception is ListOffsetsException { Result.ResultInfos: var partitions }
        ? partitions.Select(p => p.TopicPartitionOffsetError.Error).FirstOrDefault(error => error.IsError) ?? exception.Error
        : exception.Error;

    /// <summary>What will be refused until an operator acts.</summary>
    private static (string Cause, string Fix)? Refusal(ErrorCode code) => code switch
    {
        ErrorCode.TransactionalIdAuthorizationFailed => (
            "the cluster does not let this user use the transactional id.",
            "Allow Write and Describe on the transactional ids that begin with Kafka:TopicPrefix."),
        ErrorCode.TopicAuthorizationFailed => (
            "the cluster does not let this user use a topic.",
            "Allow Read, Write and Describe on the topics that begin with Kafka:TopicPrefix; the command check names the one."),
        ErrorCode.GroupAuthorizationFailed => (
            "the cluster does not let this user use the consumer group.",
            "Allow Read on the groups that begin with Kafka:TopicPrefix."),
        ErrorCode.ClusterAuthorizationFailed => (
            "the cluster does not let this user do that.",
            "Allow IdempotentWrite on the cluster (brokers before 2.8 ask for it), or Create for topics that are missing."),
        ErrorCode.InvalidTransactionTimeout => (
            "Kafka:TransactionTimeout is longer than the cluster allows.",
            "Shorten it, or raise transaction.max.timeout.ms on the brokers."),
        ErrorCode.MsgSizeTooLarge => (
            "the cluster refused a message as too large.",
            "Lower Kafka:MaxEventBytes below the topic's max.message.bytes, or raise that."),
        ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition or ErrorCode.UnknownTopicId => (
            "a topic is missing that was there: it was deleted.",
            "The next try makes it again, unless Kafka:CreateTopics is false; then run setup kafka."),
        ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication => (
            "the cluster refused the credentials.",
            "Look at Kafka:Security:Mechanism, Username and Password."),
        ErrorCode.Local_Ssl => (
            "the TLS connection could not be made.",
            "Look at Kafka:Security:CaFile, CertificateFile and KeyFile, and at the names in the brokers' certificates."),
        _ => null,
    };

    /// <summary>
    /// The client keeps on trying to connect whatever the reason is, and its error is a time-out: the reason stands in what it said
    /// meanwhile.
    /// </summary>
    private static (string Cause, string Fix)? Refusal(string? trouble) => trouble switch
    {
        null => null,
        _ when IsOfTokens(trouble) => TokenRefusals.Any(trouble.Contains)
            ? ($"the token endpoint refused the client ({trouble}).",
                "Look at Kafka:Security:Username and Password, which are the client's id and secret, and at sasl.oauthbearer.scope in Kafka:Properties.")
            : null,
        _ when trouble.Contains("SASL", StringComparison.OrdinalIgnoreCase) && trouble.Contains("authentic", StringComparison.OrdinalIgnoreCase) => (
            $"the cluster refused the credentials ({trouble}).",
            "Look at Kafka:Security:Mechanism, Username and Password."),
        _ when trouble.Contains("SSL handshake failed", StringComparison.OrdinalIgnoreCase)
            || trouble.Contains("certificate", StringComparison.OrdinalIgnoreCase) => (
            $"the TLS connection could not be made ({trouble}).",
            "Look at Kafka:Security:CaFile, CertificateFile and KeyFile, and at the names in the brokers' certificates."),
        _ => null,
    };

    private static bool IsOfTokens(string? trouble) => trouble?.Contains("OAUTHBEARER token", StringComparison.Ordinal) == true;
}
