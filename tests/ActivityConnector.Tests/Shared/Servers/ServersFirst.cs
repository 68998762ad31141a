using Xunit.Abstractions;

[assembly: TestCollectionOrderer("ActivityConnector.Tests.Shared.Servers.ServersFirst", "ActivityConnector.Tests")]

namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>
/// Tests that share a server run one after the other: begun last, they would run on alone for minutes. Those of
/// the whole process on Kafka take longest.
/// </summary>
public sealed class ServersFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(c => c.DisplayName == KafkaProcessCollection.Name).ThenBy(c => c.CollectionDefinition is null);
}
