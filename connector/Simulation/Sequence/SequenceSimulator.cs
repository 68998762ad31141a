using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActivityConnector.Simulation.Sequence;

/// <summary>The simulated Sequence account: its logs, its credential, what it was asked. Thread-safe; changes hold for the next request.</summary>
public sealed class SequenceSimulator
{
    private readonly RequestLog _log = new();
    private readonly int _seed;
    private int _secrets;
    private int _cursorGeneration = 1;

    internal SequenceSimulator(SimulatorOptions options, TimeProvider time)
    {
        _seed = options.Seed;
        ClientId = string.Create(CultureInfo.InvariantCulture, $"simulated-client-{_seed}");
        ClientSecret = NewSecret();
        Faults = new FaultPlan(~options.Seed, [.. options.Faults, .. options.Sequence.Faults]);
        Store = new RecordStore(options, options.Sequence.Records, new SequenceRecords(options.Seed, options.HostileShare), time);
    }

    public string ClientId { get; }

    /// <summary>The secret that is accepted with <see cref="ClientId"/>.</summary>
    public string ClientSecret { get; private set; }

    /// <summary>What goes wrong; to be changed at any time.</summary>
    public FaultPlan Faults { get; }

    /// <summary>The last 10,000 requests, oldest first.</summary>
    public IReadOnlyList<SimulatedRequest> Requests => _log.Requests;

    /// <summary>Completes when so many more requests have come in.</summary>
    public Task RequestedAsync(int count) => _log.MoreAsync(count);

    internal RecordStore Store { get; }

    internal RequestLog Log => _log;

    internal int CursorGeneration => Volatile.Read(ref _cursorGeneration);

    internal string Authorization => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{ClientId}:{ClientSecret}"))}";

    /// <summary>The old secret is refused from now on; answers the new one.</summary>
    public string RotateClientSecret() => ClientSecret = NewSecret();

    /// <summary>Every cursor sent so far is refused from now on.</summary>
    public void ExpireCursors() => Interlocked.Increment(ref _cursorGeneration);

    /// <summary>Puts a log in, as JSON of any kind, at the place of <paramref name="createdAt"/> (whole milliseconds).</summary>
    /// <param name="json">The log, exactly as it will be served.</param>
    /// <param name="createdAt">Decides its place, whatever the JSON says.</param>
    /// <param name="hiddenFor">Visible only this much later; <see cref="TimeSpan.MaxValue"/>: not before <see cref="RevealLate"/>.</param>
    public void Append(string json, DateTimeOffset createdAt, TimeSpan hiddenFor = default) => Store.Append(json, createdAt, hiddenFor);

    /// <summary>Every log that is late becomes visible now, in its place.</summary>
    public void RevealLate() => Store.RevealAll();

    /// <summary>The logs of this id are served with this JSON from now on; false if none is visible.</summary>
    public bool Replace(string logId, string json) => Store.Change(text => Ids(text).Log == logId ? json : null) > 0;

    /// <summary>Adds an item to a visible log, which keeps its place; false if there is no such log.</summary>
    public bool AppendItem(string logId, string itemJson) => Store.Change(text =>
    {
        if (Ids(text).Log != logId)
            return null;
        var log = JsonNode.Parse(text.Span)!;
        log["activityLogItems"]!.AsArray().Add(JsonNode.Parse(itemJson));
        return log.ToJsonString();
    }) > 0;

    /// <summary>Logs created but not visible yet.</summary>
    public int HiddenCount => Store.HiddenCount;

    /// <summary>The number of logs visible now, whatever they are.</summary>
    public int VisibleCount => Store.Read(entries => entries.Length);

    /// <summary>The JSON of every log visible now, oldest first.</summary>
    public IReadOnlyList<byte[]> VisibleRecords()
    {
        var logs = new List<byte[]>();
        Store.Visit(log => logs.Add(log.ToArray()));
        return logs;
    }

    /// <summary>The distinct ids of the logs visible now.</summary>
    public IReadOnlyCollection<string> VisibleLogIds()
    {
        var ids = new HashSet<string>();
        Store.Visit(log =>
        {
            if (Ids(log).Log is { } id)
                ids.Add(id);
        });
        return ids;
    }

    /// <summary>The distinct ids of the items of all logs visible now.</summary>
    public IReadOnlyCollection<string> VisibleItemIds()
    {
        var ids = new HashSet<string>();
        Store.Visit(log => ids.UnionWith(Ids(log).Items));
        return ids;
    }

    private static (string? Log, List<string> Items) Ids(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 });
        var items = new List<string>();
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            return (null, items);
        if (document.RootElement.TryGetProperty("activityLogItems", out var array) && array.ValueKind == JsonValueKind.Array)
            items.AddRange(array.EnumerateArray().Select(IdOf).OfType<string>());
        return (IdOf(document.RootElement), items);
    }

    private static string? IdOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;

    private string NewSecret() => string.Create(CultureInfo.InvariantCulture, $"simulated-secret-{_seed}-{++_secrets}");
}
