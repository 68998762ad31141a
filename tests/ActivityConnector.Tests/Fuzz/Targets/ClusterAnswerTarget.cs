using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Sinks.Elasticsearch;

namespace ActivityConnector.Tests.Fuzz.Targets;

/// <summary>
/// What a cluster answers to everything but a bulk: each part of the input is one answer, the first line of which is its status. Its checks and
/// questions end with a result, or with the exception of a sink.
/// </summary>
internal static class ClusterAnswerTarget
{
    private const int Answers = 4;
    private const string Index = "logs-intercom.audit.2026.11";

    private static readonly Lazy<Task<FakeElasticsearch>> Server = new(() => FakeElasticsearch.StartAsync());

    private static readonly string SetupFolder = Path.Combine(AppContext.BaseDirectory, "config", "elasticsearch");

    private static readonly IReadOnlyList<PendingEvent> Events = [.. Some.Events(0, 2).Select(e => new PendingEvent(
        new JournalEvent(1, Some.Intercom, e.Id, e.Time, null, e.Time, e.Json), "logs-intercom.audit-default"))];

    public static async Task ReadAsync(byte[] input)
    {
        var server = await Server.Value;
        var (answers, asked) = (Corpus.Parts(input, Answers).Where(p => p.Length > 0).Select(Answer).DefaultIfEmpty((200, "")).ToList(), 0);
        server.ClosesConnections = true;
        server.Instead = (_, _) => answers[asked++ % answers.Count];
        var options = new ElasticsearchOptions { Urls = [server.Url], SetupFolder = SetupFolder };
        var time = new JumpingTime();
        using var client = new ClusterClient(options, time);
        var plan = SetupPlan.Of(options.SetupFolder!, options, new ServerInfo(false, false, null));
        try
        {
            await new OlderIndices(client).FindAsync(Events, CancellationToken.None);
            asked = 0;
            await new WinningTemplates(client, plan).ProblemAsync(Index, CancellationToken.None);
            asked = 0;
            var pipelines = new IngestPipelines(client);
            await pipelines.FailingAsync(Index, "id", Events[0].Event.Json, CancellationToken.None);
            asked = 0;
            await pipelines.CheckAsync(Index, CancellationToken.None);
            asked = 0;
            await ElasticsearchCheck.RunAsync(options, time, CancellationToken.None);
        }
        catch (Exception e) when (e is SinkRefusedException or SinkUnavailableException)
        {
            // Documented.
        }

        server.Requests.Clear();
    }

    private static (int Status, string Body) Answer(byte[] part)
    {
        var text = Encoding.UTF8.GetString(part);
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        return end > 0 && int.TryParse(text[..end], out var status) && status is >= 200 and < 600 and not (204 or 205 or 304)
            ? (status, text[(end + 1)..])
            : (200, text);
    }
}
