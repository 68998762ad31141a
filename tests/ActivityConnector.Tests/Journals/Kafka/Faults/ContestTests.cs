using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Journals.Kafka.Faults;

/// <summary>Two deployments that by mistake use the same topics and the same transactional id.</summary>
[Collection(KafkaCollection.Name)]
[Trait("Kind", "server")]
public sealed class ContestTests(KafkaServer server)
{
    [KafkaFact]
    public async Task Two_deployments_with_one_transactional_id_double_nothing_back_off_and_say_so()
    {
        var time = new ManualTimeProvider();
        var options = server.Options();
        await using var one = new ListCollector(options, 0);
        await using var other = new ListCollector(options, 0);
        var log = new CollectingLogger<SourceRunner>();
        var runners = new[] { Runner(one, time, log), Runner(other, time, log) };

        var refused = 0;
        for (var firing = 0; firing < 30; firing++)
        {
            // Both see the same vendor.
            one.Add(10);
            other.Add(10);
            foreach (var runner in runners)
            {
                var before = runner.Last;
                var after = await runner.RunAsync(CancellationToken.None);
                refused += after != before && after.Failure is JournalFencedException ? 1 : 0;
            }

            time.Advance(TimeSpan.FromSeconds(5));
        }

        one.AssertComplete(server.Bootstrap);
        Assert.Contains(log.Lines, l => l.Level == LogLevel.Error && l.Text.Contains("two deployments write the same source", StringComparison.Ordinal));
        // 150 s: without backing off, nearly each of the 60 polls would be refused.
        Assert.InRange(refused, 3, 16);
    }

    private static SourceRunner Runner(ListCollector collector, TimeProvider time, ILogger<SourceRunner> log) => new(
        new ConfiguredSource
        {
            Name = "plain",
            Source = collector.Source,
            Transform = _ => new PlainTransform(),
            Options = new SequenceOptions
            {
                Schedule = "0/5 * * * * ?",
                SweepSchedule = "0 0 0 1 1 ? 2099",
                SweepRange = TimeSpan.FromHours(48),
                HoldBack = TimeSpan.FromMinutes(15),
            },
        },
        collector.Collector,
        time,
        new Random(1),
        log);
}
