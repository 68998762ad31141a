using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.EndToEnd.Kafka;

/// <summary>Ranges on demand, with the journal in Kafka.</summary>
[Collection(KafkaProcessCollection.Name)]
[Trait("Kind", "server")]
[Trait("Kind", "slow")]
public sealed class RangeTests(KafkaServer server) : RangeContract
{
    [KafkaFact]
    public Task A_backfill_of_ninety_days_is_killed_twice_and_polls_go_on_beside_it() =>
        BackfillBesidePollsAsync(server.Bootstrap);
}
