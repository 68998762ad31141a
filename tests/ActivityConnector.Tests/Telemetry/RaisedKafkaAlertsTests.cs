using ActivityConnector.Tests.Admin;
using ActivityConnector.Tests.EndToEnd;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Tests.Telemetry;

/// <summary>The alerts of who owns a source.</summary>
[Collection(HarmedKafkaCollection.Name)]
[Trait("Kind", "server")]
[Trait("Kind", "long")]
[Trait("Kind", "slow")]
public sealed class RaisedKafkaAlertsTests(HarmedKafka kafka)
{
    private const string Source = "source=\"intercom\"";

    [KafkaFact]
    public async Task Instances_that_are_missing_or_take_sources_from_each_other_raise_theirs()
    {
        await using var scene = await Scene.OpenLiveAsync(kafka.Cluster.Bootstrap, 100, ratePerSecond: 2);

        await using var owner = new Instance(scene, "--set", "Kafka:HighAvailability=true");
        var owned = await owner.ScrapeAsync(1, "source_state", Source, "state=\"up_to_date\"");
        await using (var standby = new Instance(scene, "--set", "Kafka:HighAvailability=true"))
        {
            // Prometheus reaches the standby only.
            var missing = await standby.ScrapeAsync(0, "owner");
            await owner.DisposeAsync();
            var taken = await standby.ScrapeAsync(2, "owner");
            await RaisedAlert.AssertAsync("ActivityConnectorOwnerMissing", owned, missing, taken);
        }

        await using var first = new Instance(scene);
        await first.ScrapeAsync(1, "source_state", Source, "state=\"up_to_date\"");
        string[] fenced = [Source, "outcome=\"fenced\""];
        string once, often;
        await using (new Instance(scene))
        {
            once = await first.ScrapeAsync(count => count >= 1, "kafka_transactions_total", fenced);
            var before = MetricNames.Sum(once, "activity_connector_kafka_transactions_total", fenced);
            often = await first.ScrapeAsync(count => count >= before + 3, "kafka_transactions_total", fenced);
        }

        await RaisedAlert.AssertAsync("ActivityConnectorOwnerDouble", once, often, often, raisedAfter: 20);
    }

    /// <summary>The command <c>run</c> as a process, and a client of its metrics.</summary>
    private sealed class Instance : IAsyncDisposable
    {
        private readonly ConnectorProcess _process;
        private readonly HttpClient _http;
        private bool _isEnded;

        public Instance(Scene scene, params string[] more)
        {
            var url = $"http://127.0.0.1:{ServerFolder.FreePorts(1)}";
            string[] admin = ["--set", "Admin:Enabled=true", "--set", $"Admin:Url={url}", "--set", $"Admin:Token={AdminScene.Token}"];
            _process = scene.Start(["run", .. admin, .. more]);
            _http = AdminScene.Client(url);
        }

        public Task<string> ScrapeAsync(double value, string name, params string[] labels) => ScrapeAsync(sum => sum == value, name, labels);

        public Task<string> ScrapeAsync(Func<double, bool> isSo, string name, params string[] labels) => RaisedAlert.ScrapeAsync(_http, isSo, name, labels);

        /// <summary>SIGTERM, as an orchestrator does.</summary>
        public async ValueTask DisposeAsync()
        {
            if (_isEnded) return;

            _isEnded = true;
            await _process.SignalAsync("TERM");
            await _process.EndAsync();
            await _process.DisposeAsync();
            _http.Dispose();
        }
    }
}
