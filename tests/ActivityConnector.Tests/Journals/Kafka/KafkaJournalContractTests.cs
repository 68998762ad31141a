using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>The promises of every journal, kept by a real broker. One partition, because order is part of them.</summary>
[Collection(KafkaCollection.Name)]
[Trait("Kind", "server")]
public sealed class KafkaJournalContractTests(KafkaServer server) : JournalContract, INeedsServer
{
    private readonly KafkaTopicsOfTest _topics = new(server, partitions: 1);

    public static string? Missing => KafkaServer.Missing;

    protected override Task<IJournal> OpenAsync() => Task.FromResult<IJournal>(_topics.Open());

    protected override async Task<IReadOnlyList<DeadLetter>> DeadLettersAsync()
    {
        await using var view = _topics.View();
        return await view.DeadLettersAsync(default).ToListAsync();
    }

    protected override Task StoreCheckpointsAsync(SourceKey source, params byte[][] texts) => _topics.StoreCheckpointsAsync(source, texts);
}
