using System.Text.Json;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Journals.Kafka.Faults;

/// <summary>A connector in this process: a list of records, collected into topics of its own.</summary>
internal sealed class ListCollector : IAsyncDisposable
{
    private readonly KafkaTopicsOfTest _topics;
    private readonly KafkaJournal _journal;

    /// <param name="records">One a second; a unit has a hundred seconds.</param>
    public ListCollector(KafkaOptions options, int records)
    {
        _topics = new KafkaTopicsOfTest(options) { Sources = ["plain"] };
        _journal = _topics.Open();
        Source = new ListSource(TimeProvider.System) { Until = 0 };
        Add(records);
        Collector = new Collector(
            Source, _journal, _ => new PlainTransform(), new CheckpointWriter("1.0.0", "test"), TimeProvider.System, NullLogger<Collector>.Instance);
    }

    public ListSource Source { get; }

    public Collector Collector { get; }

    /// <summary>What fences its writer.</summary>
    public string TransactionalId => $"{_topics.Options.TopicPrefix}.{_topics.Options.Environment}.plain.acct";

    /// <summary>New records, younger than all others.</summary>
    public void Add(int records)
    {
        for (var i = 0; i < records; i++) Source.Add($"r{Source.Until}", ++Source.Until);
    }

    /// <summary>As the schedule does: what fails is tried again. Returns what failed.</summary>
    public async Task<IReadOnlyList<JournalException>> PollUntilDoneAsync()
    {
        var failures = new List<JournalException>();
        while (true)
        {
            try
            {
                await Collector.PollAsync(CancellationToken.None);
                return failures;
            }
            catch (JournalException e) when (failures.Count < 4)
            {
                failures.Add(e);
            }
        }
    }

    /// <summary>An independent consumer sees every record of the list once.</summary>
    public void AssertComplete(string bootstrap)
    {
        var seen = KafkaServer.Consume(bootstrap, _topics.Events("plain"), decided: true).Select(r =>
        {
            using var json = JsonDocument.Parse(r.Message.Value);
            return json.RootElement.GetProperty("event.id").GetString()!;
        });
        Assert.Equal(Source.Ids.Order(), seen.Order());
    }

    public async ValueTask DisposeAsync()
    {
        await Collector.DisposeAsync();
        await _journal.DisposeAsync();
    }
}
