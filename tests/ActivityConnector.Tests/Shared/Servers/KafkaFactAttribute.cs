namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>A test that needs a real Kafka: skipped, and counted, where there is none; a failure where REQUIRE_SERVERS is 1.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KafkaFactAttribute : FactAttribute
{
    public KafkaFactAttribute() => Skip = ServerFolder.IsRequired ? null : KafkaServer.Missing;
}

/// <summary>As <see cref="KafkaFactAttribute"/>, with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KafkaTheoryAttribute : TheoryAttribute
{
    public KafkaTheoryAttribute() => Skip = ServerFolder.IsRequired ? null : KafkaServer.Missing;
}
