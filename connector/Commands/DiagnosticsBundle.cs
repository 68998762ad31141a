using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Admin;
using ActivityConnector.Configuration;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Operations;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary>
/// The parts of a bug report, as text. A part that cannot be had is named with the reason. Each text has gone through <see cref="Redaction"/>, although it
/// is made of what may be shown.
/// </summary>
internal sealed class DiagnosticsBundle
{
    public const int MostLogLines = 500;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Redaction _redaction;
    private readonly List<(string Name, string About, string Text)> _parts = [];
    private readonly List<string> _missing = [];

    private DiagnosticsBundle(Redaction redaction) => _redaction = redaction;

    /// <summary>Collects all that there is, from the configuration, the journal and a connector that runs.</summary>
    public static async Task<DiagnosticsBundle> CollectAsync(LoadedConfiguration loaded, string? log, Terminal terminal, CancellationToken cancellationToken)
    {
        var bundle = new DiagnosticsBundle(Redaction.Of(loaded));
        var options = loaded.Options;
        await bundle.AddAsync("versions.json", "the connector, .NET, the system, and the mapping tables by digest", () => Task.FromResult(Versions(loaded)));
        await bundle.AddAsync(
            "configuration.json",
            "every option, with where it was set; secrets are masked, addresses and paths are shown",
            () => Task.FromResult(Options(loaded)));
        await bundle.AddAsync("problems.json", "what 'validate' has to say", () => Task.FromResult(Problems(loaded)));
        await bundle.AddAsync(
            "checkpoints.json", "the position of each source, without cursors and ids", () => CheckpointsAsync(options, terminal.Clock, cancellationToken));
        await bundle.AddAsync(
            "dead-letters.json",
            "how many there are of each stage and reason, without a record",
            () => DeadLettersAsync(options, terminal.Clock, cancellationToken));
        await bundle.AddAsync("status.json", "the state of the connector that runs", () => StatusAsync(loaded, terminal, cancellationToken));
        if (log is not null)
        {
            await bundle.AddAsync(
                "log.txt", "the last lines of its log", () => LogAsync(Path.GetFullPath(log, terminal.WorkingDirectory), cancellationToken));
        }

        return bundle;
    }

    /// <summary>What is in it, and what is not.</summary>
    public IReadOnlyList<string> Manifest() =>
    [
        .. _parts.Select(part => $"{part.Name}: {part.About}"),
        .. _missing.Select(part => $"left out: {part}"),
        $"Never in it: a secret, a cursor, a record. This host's name is replaced by {Redaction.Host} unless it is configured. "
            + "Look through it before you send it.",
    ];

    /// <summary>Writes the zip file, for its owner only.</summary>
    /// <exception cref="IOException">It is there already, or cannot be made.</exception>
    public void Write(string path, DateTimeOffset now)
    {
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        using var zip = new ZipArchive(new FileStream(path, how), ZipArchiveMode.Create);
        foreach (var (name, _, text) in _parts.Prepend(("manifest.txt", "", string.Concat(Manifest().Select(line => line + Environment.NewLine)))))
        {
            var entry = zip.CreateEntry(name);
            entry.LastWriteTime = now;
            using var writer = new StreamWriter(entry.Open(), new UTF8Encoding(false));
            writer.Write(text);
        }
    }

    private async Task AddAsync(string name, string about, Func<Task<string>> part)
    {
        try
        {
            _parts.Add((name, about, _redaction.Apply(await part())));
        }
        catch (Exception e) when (e is JournalException or IOException or UnauthorizedAccessException or CommandFailedException
            or SecretFileException or DllNotFoundException or InvalidOperationException)
        {
            _missing.Add(_redaction.Apply($"{name} ({about}): {PlainText.Of(e.Message)}"));
        }
    }

    private static string Versions(LoadedConfiguration loaded) => Text(new JsonObject
    {
        ["connector"] = ConnectorHost.Version,
        [".net"] = RuntimeInformation.FrameworkDescription,
        ["system"] = RuntimeInformation.OSDescription,
        ["runtime"] = RuntimeInformation.RuntimeIdentifier,
        ["processors"] = Environment.ProcessorCount,
        ["memory_for_heap_mb"] = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024 * 1024),
        ["librdkafka"] = Librdkafka.Version ?? "missing",
        ["mappings"] = new JsonObject(Vendor.All.Select(v => KeyValuePair.Create(
            v.TableFile, (JsonNode?)VersionCommand.Digest(Path.Combine(loaded.Options.Transform.MappingsFolder!, v.TableFile))))),
    });

    private static string Options(LoadedConfiguration loaded) => Text(new JsonArray([.. new EffectiveOptions(loaded).All().Select(o =>
        (JsonNode)new JsonObject { ["key"] = o.Key, ["value"] = o.Value, ["set_by"] = o.SetBy ?? "default" })]));

    private static string Problems(LoadedConfiguration loaded) => Text(new JsonArray([.. loaded.Problems.Select(p =>
        (JsonNode)new JsonObject { ["warning"] = p.IsWarning, ["key"] = p.Key, ["cause"] = p.Cause, ["fix"] = p.Fix, ["set_by"] = p.SetBy })]));

    private static async Task<string> CheckpointsAsync(ConnectorOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var view = await ConfiguredJournal.ViewAsync(options, clock, cancellationToken);
        var all = new JsonObject();
        foreach (var source in await view.SourcesAsync(cancellationToken))
        {
            all[source.ToString()] = await view.CheckpointAsync(source, cancellationToken) is { } text ? CheckpointWithoutCursors.Of(text) : null;
        }

        return Text(all);
    }

    private static async Task<string> DeadLettersAsync(ConnectorOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var view = await ConfiguredJournal.ViewAsync(options, clock, cancellationToken);
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        await foreach (var letter in view.DeadLettersAsync(cancellationToken))
        {
            var group = $"{letter.Stage.Name()}: {letter.Reason}";
            counts[group] = counts.GetValueOrDefault(group) + 1;
        }

        return Text(new JsonObject(counts.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value))));
    }

    private static async Task<string> StatusAsync(LoadedConfiguration loaded, Terminal terminal, CancellationToken cancellationToken)
    {
        using var running = await RunningConnector.FindAsync(loaded.Options, terminal, cancellationToken);
        return running is null
            ? throw new InvalidOperationException($"No connector answers at {loaded.Options.Admin.Url}.")
            : JsonSerializer.Serialize(running.Status, AdminServer.Json);
    }

    private static async Task<string> LogAsync(string path, CancellationToken cancellationToken)
    {
        var last = new Queue<string>();
        await foreach (var line in File.ReadLinesAsync(path, cancellationToken))
        {
            last.Enqueue(PlainText.Of(line));
            if (last.Count > MostLogLines) last.Dequeue();
        }

        return string.Create(CultureInfo.InvariantCulture, $"{string.Join(Environment.NewLine, last)}{Environment.NewLine}");
    }

    private static string Text(JsonNode? node) => node?.ToJsonString(Json) ?? "null";
}
