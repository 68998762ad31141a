using ActivityConnector.Simulation;
using ActivityConnector.Tests.EndToEnd;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Tests.Sinks.Elasticsearch;
using ActivityConnector.Tests.Verification;

namespace ActivityConnector.Tests.Telemetry;

/// <summary>The alerts that need hours: the service in this process, with a clock on which they pass at once.</summary>
/// <remarks>One at a time: two services in one process would share their gauges.</remarks>
[Collection(HarmedKafkaCollection.Name)]
[Trait("Kind", "server")]
[Trait("Kind", "slow")]
public sealed class AlertsAfterHoursTests(HarmedKafka kafka)
{
    [ToolFact("promtool")]
    public async Task Hours_in_which_vendor_and_sink_are_away_raise_the_alerts_of_lag_and_age_and_dead_letters_stay_open()
    {
        await using var server = await FakeElasticsearch.StartAsync();
        var scene = await Scene.OpenAsync(o => o with { Intercom = o.Intercom with { Records = 100 }, Sequence = o.Sequence with { Records = 100 } });
        await using var vendors = new VerifiedScene(scene);
        scene.Settings["Elasticsearch__Urls__0"] = server.Url;
        scene.Settings["Elasticsearch__Retention"] = "36500.00:00:00";
        await using var service = new TimedService(scene);
        await service.ScrapeAsync(1, "source_state", "source=\"intercom\"", "state=\"up_to_date\"");
        await service.ScrapeAsync(scene.ExpectedEvents, "sink_events_total", "outcome=\"stored\"");
        var well = await service.ScrapeAsync(1, "sink_state", "state=\"up_to_date\"");

        scene.Vendors.Intercom.Faults.Set(new FaultSpec(FaultKind.Unavailable, 1));
        server.Instead = (_, path) => path == "_bulk" ? (401, """{"error":{"type":"security_exception"}}""") : null;
        vendors.Append("sequence", "held", vendors.Now.AddMinutes(-15));
        await service.PollAsync();
        await service.ScrapeAsync(1, "source_state", "source=\"intercom\"", "state=\"unavailable\"");
        await service.ScrapeAsync(1, "sink_state", "state=\"blocked\"");
        service.Pass(TimeSpan.FromHours(2));
        var away = await service.ScrapeAsync(lag => lag >= 7200, "source_lag_seconds", "source=\"intercom\"");

        scene.Vendors.Intercom.Faults.Clear();
        server.Instead = (_, _) => null;
        server.Refuses = _ => true;
        await service.PollAsync();
        await service.ScrapeAsync(1, "dlq_messages_total", "stage=\"index\"");
        await service.ScrapeAsync(1, "source_state", "source=\"intercom\"", "state=\"up_to_date\"");
        var back = await service.ScrapeAsync(1, "sink_state", "state=\"up_to_date\"");

        service.Pass(TimeSpan.FromMinutes(2));
        var letter = await service.ScrapeAsync(1, "dead_letters_open", "stage=\"index\"");
        server.Refuses = _ => false;
        await service.ChangeAsync("/api/v1/dead-letters/discard");
        service.Pass(TimeSpan.FromMinutes(2));
        var none = await service.ScrapeAsync(0, "dead_letters_open", "stage=\"index\"");

        await RaisedAlert.AssertAsync("ActivityConnectorSourceLag", well, away, back);
        await RaisedAlert.AssertAsync("ActivityConnectorSourceNoSuccess", well, away, back);
        await RaisedAlert.AssertAsync("ActivityConnectorSinkLag", well, away, back);
        await RaisedAlert.AssertAsync("ActivityConnectorDeadLettersOpen", well, letter, none, RaisedAlert.Day);
    }

    [KafkaFact]
    public async Task A_broker_that_is_gone_raises_the_alert_of_the_journal()
    {
        await using var scene = await Scene.OpenKafkaAsync(kafka.Cluster.Bootstrap, 100);
        await using var service = new TimedService(scene);
        var well = await service.ScrapeAsync(0, "journal_unavailable");
        string gone;
        using (kafka.Cluster.Pause())
        {
            service.Pass(TimeSpan.FromMinutes(2));
            gone = await service.ScrapeAsync(1, "journal_unavailable");
        }

        service.Pass(TimeSpan.FromMinutes(2));
        var back = await service.ScrapeAsync(0, "journal_unavailable");

        await RaisedAlert.AssertAsync("ActivityConnectorJournalUnavailable", well, gone, back);
    }
}
