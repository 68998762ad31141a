using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Journals.Kafka;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Tests.Simulation;
using Confluent.Kafka;

namespace ActivityConnector.Tests.Commands;

/// <summary><c>setup kafka</c> and <c>check</c> with the journal in Kafka.</summary>
[Collection(KafkaProcessCollection.Name)]
[Trait("Kind", "server")]
public sealed class KafkaCommandsTests : IDisposable
{
    private readonly Session _session = new() { Clock = TimeProvider.System };
    private readonly KafkaTopicsOfTest _topics;

    public KafkaCommandsTests(KafkaServer server) => _topics = new(server);

    private KafkaOptions Options => _topics.Options;

    [KafkaFact]
    public async Task Setup_shows_what_it_would_do_does_it_and_then_finds_it_done()
    {
        Assert.Equal(0, await RunAsync("setup", "kafka", "--dry-run"));
        Assert.Equal(["would be created", "would be created", "would be created", "would be created"], States());
        Assert.Contains(
            $"{_topics.Checkpoints}\twould be created\tpartitions=1, replication.factor=1, cleanup.policy=compact, retention.ms=-1",
            _session.Out,
            StringComparison.Ordinal);

        Assert.Equal(0, await RunAsync("setup", "kafka"));
        Assert.Equal(["created", "created", "created", "created"], States());

        Assert.Equal(0, await RunAsync("setup", "kafka"));
        Assert.Equal(["exists", "exists", "exists", "exists"], States());
    }

    [KafkaFact]
    public async Task Setup_leaves_what_differs_as_it_is_and_says_how_to_mend_it()
    {
        await _topics.CreateAsync(_topics.Checkpoints, "delete");

        Assert.Equal(1, await RunAsync("setup", "kafka"));

        Assert.Equal(["created", "created", "wrong", "created"], States());
        Assert.Contains(
            $"The topic {_topics.Checkpoints} has cleanup.policy=delete where compact must be.\tStop the connector", _session.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setup_of_kafka_needs_a_journal_in_kafka()
    {
        Assert.Equal(64, await _session.RunAsync("setup", "kafka"));

        Assert.StartsWith("The journal is not in Kafka.", _session.Error, StringComparison.Ordinal);
    }

    [KafkaFact]
    public async Task Check_says_that_topics_are_missing_and_passes_after_setup()
    {
        await using var vendors = await SimulatorSession.StartAsync();
        string[] check =
        [
            "check",
            "--set", $"Sources:Intercom:BaseUrl={vendors.Simulator.IntercomBaseUrl}",
            "--set", $"Sources:Intercom:AccessToken={vendors.Simulator.Intercom.AccessToken}",
        ];

        // The simulator's clock stands in November: another row that fails.
        Assert.Equal(1, await RunAsync(check));
        Assert.Contains(
            $"topic {_topics.Checkpoints}\tfail\tThe topic {_topics.Checkpoints} is missing.\tRun setup kafka", _session.Out, StringComparison.Ordinal);

        await RunAsync("setup", "kafka");
        await RunAsync(check);
        var ofKafka = _session.Lines.SkipWhile(line => !line.StartsWith("Kafka\t", StringComparison.Ordinal)).ToList();
        Assert.Equal(15, ofKafka.Count);
        Assert.All(ofKafka, line => Assert.Equal("pass", line.Split('\t')[1]));
    }

    [KafkaFact]
    public async Task Check_takes_nothing_from_a_running_connector_and_leaves_nothing_that_is_committed()
    {
        await using var journal = _topics.Open();
        await using var writer = await journal.OpenWriterAsync(Shared.Some.Intercom, default);
        await writer.CommitAsync(Shared.Some.Commit(1, Shared.Some.Events(0, 1)), default);
        await using var reader = await journal.OpenReaderAsync("elasticsearch", default);
        Assert.Single(await reader.ReadAsync(10, default));

        var results = await new KafkaCheck(Options, new(), ["intercom", "sequence"], TimeProvider.System).RunAsync(default);

        Assert.All(results, f => Assert.True(f.Passed, f.ToString()));
        await writer.CommitAsync(Shared.Some.Commit(2, Shared.Some.Events(1, 1)), default);
        Assert.Single(await reader.ReadAsync(10, default));
        Assert.Equal(2, _topics.Consume(_topics.Events()).Count);
        Assert.Equal(3, _topics.Consume(_topics.Events(), IsolationLevel.ReadUncommitted).Count);
        Assert.Empty(_topics.Consume(_topics.DeadLetters));
    }

    [KafkaFact]
    public async Task Commands_that_read_leave_out_what_other_programs_wrote_and_say_so()
    {
        await using (var journal = _topics.Open())
        {
            await using var intercom = await journal.OpenWriterAsync(Shared.Some.Intercom, default);
            await intercom.CommitAsync(Shared.Some.Commit(1, Shared.Some.Events(0, 2)), default);
            await using var sequence = await journal.OpenWriterAsync(Shared.Some.Sequence, default);
            await sequence.CommitAsync(new([], [], Shared.Some.CursorCheckpoint(1)), default);
        }

        using (var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = Options.BootstrapServers }).Build())
        {
            foreach (var topic in new[] { _topics.Events(), _topics.Checkpoints, _topics.DeadLetters })
            {
                await producer.ProduceAsync(topic, new() { Key = "k\u001b[2J", Value = "junk\n" });
            }

            await producer.ProduceAsync(_topics.Checkpoints, new() { Key = $"cp/{Shared.Some.Intercom}", Value = "junk" });
        }

        Assert.Equal(1, await RunAsync("checkpoint", "show"));
        Assert.StartsWith("intercom\tdamaged\t", _session.Lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"{Shared.Some.Sequence}\tcursor\t", _session.Lines[1], StringComparison.Ordinal);
        Assert.Contains("that are left out: 2.", _session.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', _session.Error);

        Assert.Equal(0, await RunAsync("export"));
        Assert.Equal(2, _session.Lines.Length);
        Assert.Contains($"left out: 1. The first is {_topics.Events()}/", _session.Error, StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync("export", "--format", "csv"));
        Assert.Equal(3, _session.Lines.Length);

        Assert.Equal(0, await RunAsync("dlq", "list"));
        Assert.Empty(_session.Lines);
        Assert.Contains($"left out: 1. The first is {_topics.DeadLetters}/0/0: it is no dead letter", _session.Error, StringComparison.Ordinal);

        Assert.Equal(1, await RunAsync("checkpoint", "export"));
        Assert.Contains($"{Shared.Some.Intercom} is left out: ", _session.Error, StringComparison.Ordinal);
        Assert.Equal("{\"lines\":1}", _session.Lines[^1]);

        Assert.Equal(0, await RunAsync("checkpoint", "reset", $"{Shared.Some.Intercom}", "--yes"));
        Assert.Equal(0, await RunAsync("checkpoint", "show"));
    }

    [KafkaFact]
    public async Task What_a_running_connector_commits_while_the_command_asks_is_not_undone()
    {
        await using var journal = _topics.Open();
        await using var writer = await journal.OpenWriterAsync(Shared.Some.Intercom, default);
        await writer.CommitAsync(Shared.Some.Commit(1, []), default);
        (_session.CanAsk, _session.Input) = (true, "y\n");
        var paused = Shared.Some.Checkpoint(2) with { Paused = new Pause("Ada", Shared.Some.Start) };
        _session.AtEndOfInput = () => writer.CommitAsync(new([], [], paused), default).AsTask().GetAwaiter().GetResult();

        Assert.Equal(0, await RunAsync("checkpoint", "set", $"{Shared.Some.Intercom}", "--watermark", "2026-11-01"));

        await using var after = await journal.OpenWriterAsync(Shared.Some.Intercom, default);
        Assert.Equal(("Ada", 3), (after.Checkpoint!.Paused?.By, after.Checkpoint.Sequence));
        Assert.Equal(DateTimeOffset.Parse("2026-11-01T00:00:00Z"), after.Checkpoint.Position.Reached);
        Assert.Single(_topics.Consume(_topics.Events()));
    }

    public void Dispose() => _session.Dispose();

    private Task<int> RunAsync(params string[] arguments) => _session.RunAsync(
    [
        .. arguments,
        "--set", "Journal:Kind=Kafka", "--set", $"Kafka:BootstrapServers={Options.BootstrapServers}", "--set", $"Kafka:TopicPrefix={Options.TopicPrefix}",
        "--set", "Kafka:ReplicationFactor=1", "--set", "Kafka:MinInSyncReplicas=1",
    ]);

    private IEnumerable<string> States() => _session.Lines.Select(line => line.Split('\t')[1]);
}
