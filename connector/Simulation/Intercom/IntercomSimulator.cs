using System.Globalization;
using System.Text.Json;

namespace ActivityConnector.Simulation.Intercom;

/// <summary>The simulated workspace: its records, its credential, what it was asked. Thread-safe; changes hold for the next request.</summary>
public sealed class IntercomSimulator
{
    private readonly RequestLog _log = new();
    private readonly int _seed;
    private int _tokens;

    internal IntercomSimulator(SimulatorOptions options, TimeProvider time)
    {
        _seed = options.Seed;
        Options = options.Intercom;
        Faults = new FaultPlan(options.Seed, [.. options.Faults, .. options.Intercom.Faults]);
        Store = new RecordStore(options, Options.Records, new IntercomRecords(options.Seed, Options.Ties, options.HostileShare), time);
        AccessToken = NewToken();
    }

    /// <summary>The bearer token that is accepted.</summary>
    public string AccessToken { get; private set; }

    /// <summary>What goes wrong; to be changed at any time.</summary>
    public FaultPlan Faults { get; }

    /// <summary>The last 10,000 requests, oldest first.</summary>
    public IReadOnlyList<SimulatedRequest> Requests => _log.Requests;

    /// <summary>Completes when so many more requests have come in.</summary>
    public Task RequestedAsync(int count) => _log.MoreAsync(count);

    internal IntercomSimulation Options { get; }

    internal RecordStore Store { get; }

    internal RequestLog Log => _log;

    /// <summary>The old token is refused from now on; answers the new one.</summary>
    public string RotateAccessToken() => AccessToken = NewToken();

    /// <summary>Puts a record in, as JSON of any kind, at the place of <paramref name="createdAt"/> (whole seconds).</summary>
    /// <param name="json">The record, exactly as it will be served.</param>
    /// <param name="createdAt">Decides its place and the windows it is in, whatever the JSON says.</param>
    /// <param name="hiddenFor">Visible only this much later; <see cref="TimeSpan.MaxValue"/>: not before <see cref="RevealLate"/>.</param>
    public void Append(string json, DateTimeOffset createdAt, TimeSpan hiddenFor = default) => Store.Append(json, createdAt, hiddenFor);

    /// <summary>Every record that is late becomes visible now, in its place.</summary>
    public void RevealLate() => Store.RevealAll();

    /// <summary>The records of this id are served with this JSON from now on; false if none is visible.</summary>
    public bool Replace(string id, string json) => Store.Change(text => IdOf(text) == id ? json : null) > 0;

    /// <summary>Records created but not visible yet.</summary>
    public int HiddenCount => Store.HiddenCount;

    /// <summary>The number of records visible now, whatever they are.</summary>
    public int VisibleCount => Store.Read(entries => entries.Length);

    /// <summary>The JSON of every record visible now, oldest first.</summary>
    public IReadOnlyList<byte[]> VisibleRecords()
    {
        var records = new List<byte[]>();
        Store.Visit(record => records.Add(record.ToArray()));
        return records;
    }

    /// <summary>The distinct ids of the records visible now; numbers as their text. Records without an id are left out.</summary>
    public IReadOnlyCollection<string> VisibleIds()
    {
        var ids = new HashSet<string>();
        Store.Visit(record =>
        {
            if (IdOf(record) is { } id)
                ids.Add(id);
        });
        return ids;
    }

    private static string? IdOf(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 });
        return document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("id", out var id) ? null
            : id.ValueKind switch
            {
                JsonValueKind.String => id.GetString(),
                JsonValueKind.Number => id.GetRawText(),
                _ => null,
            };
    }

    private string NewToken() => string.Create(CultureInfo.InvariantCulture, $"simulated-token-{_seed}-{++_tokens}");
}
