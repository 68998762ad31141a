namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>
/// A test that needs brokers of its own, to kill them: skipped, and counted, where none can be started; a failure where REQUIRE_SERVERS is 1.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KafkaClusterFactAttribute : FactAttribute
{
    public KafkaClusterFactAttribute() => Skip = ServerFolder.IsRequired ? null : KafkaCluster.Missing;
}

/// <summary>As <see cref="KafkaClusterFactAttribute"/>, with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KafkaClusterTheoryAttribute : TheoryAttribute
{
    public KafkaClusterTheoryAttribute() => Skip = ServerFolder.IsRequired ? null : KafkaCluster.Missing;
}
