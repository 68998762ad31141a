using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Benchmarks;

/// <summary>
/// The connector as a process of its own, <c>run --once</c> into SQLite or Kafka, against both simulators in another process. CPU and memory
/// are those of the connector alone, from its start to its end.
/// </summary>
internal static partial class EndToEndBenchmark
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "activity-connector.dll");

    /// <summary>One run.</summary>
    /// <param name="Memory">Resident megabytes in each quarter of the run, on average: flat is what does not grow from one to the next.</param>
    /// <param name="BrokerCpuSeconds">Of the broker meanwhile; 0 without one.</param>
    internal sealed record Figures(
        long Events, double Seconds, double CpuSeconds, int MegaBytes, IReadOnlyList<int> Memory, long JournalBytes, double BrokerCpuSeconds = 0)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Events:N0} events, {EventsPerSecond:N0}/s, {CpuSecondsPerMillion:F1} CPU-s per million (broker's {BrokerCpuSeconds * 1e6 / Events:F1}), "
            + $"memory {string.Join(", ", Memory)} MB by quarters, peak {MegaBytes} MB, {JournalBytes / Events} B per event");

        public double EventsPerSecond => Events / Seconds;

        public double CpuSecondsPerMillion => CpuSeconds * 1e6 / Events;
    }

    /// <param name="records">Records each vendor holds; a Sequence log brings 1.4 events on average.</param>
    public static Task<Figures> RunAsync(int records) =>
        RunAsync(records, (folder, settings) => settings["Journal__Path"] = Path.Combine(folder, "journal.db"));

    /// <summary>Into a Kafka of one broker on the same machine.</summary>
    public static async Task<Figures> RunIntoKafkaAsync(int records)
    {
        await using var kafka = await KafkaCluster.StartAsync();
        var before = kafka.CpuTime();
        var figures = await RunAsync(records, (_, settings) =>
        {
            settings["Journal__Kind"] = "Kafka";
            settings["Kafka__BootstrapServers"] = kafka.Bootstrap;
            settings["Kafka__ReplicationFactor"] = "1";
            settings["Kafka__MinInSyncReplicas"] = "1";
        });
        return figures with { BrokerCpuSeconds = (kafka.CpuTime() - before).TotalSeconds, JournalBytes = kafka.BytesOf("activity.") };
    }

    /// <summary>Intercom alone, whose answers take 300 ms, within its own quota: it must never say that it is too much.</summary>
    /// <param name="concurrency">Windows that are read at a time.</param>
    public static Task<Figures> RunHistoryAsync(int records, int concurrency)
    {
        string[] vendor = ["--intercom", $"{records}", "--sequence", "0", "--quota", "10000", "--latency", "300"];
        return RunAsync(vendor, (folder, settings) =>
        {
            settings["Journal__Path"] = Path.Combine(folder, "journal.db");
            settings["Sources__Sequence__Enabled"] = "false";
            settings["Sources__Intercom__Concurrency"] = $"{concurrency}";
        });
    }

    /// <summary>With traces, metrics and the log sent to a collector.</summary>
    public static async Task<Figures> RunObservedAsync(int records)
    {
        await using var collector = await OtelCollector.StartAsync();
        return await RunAsync(VendorsOf(records), (folder, settings) =>
        {
            settings["Journal__Path"] = Path.Combine(folder, "journal.db");
            settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.GrpcUrl;
        });
    }

    private static string[] VendorsOf(int records) => ["--intercom", $"{records}", "--sequence", $"{records}", "--quota", "10000000"];

    private static Task<Figures> RunAsync(int records, Action<string, Dictionary<string, string>> useJournal) => RunAsync(VendorsOf(records), useJournal);

    private static async Task<Figures> RunAsync(string[] vendors, Action<string, Dictionary<string, string>> set)
    {
        var folder = Directory.CreateTempSubdirectory("end-to-end-bench-");
        try
        {
            using var simulators = Start(folder.FullName, [], ["simulate", .. vendors]);
            try
            {
                var settings = await ReadSettingsAsync(simulators.StandardOutput);
                set(folder.FullName, settings);
                return await RunOnceAsync(folder.FullName, settings);
            }
            finally
            {
                simulators.Kill();
                await simulators.WaitForExitAsync();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Figures> RunOnceAsync(string folder, Dictionary<string, string> settings)
    {
        using var connector = Start(folder, settings, "run", "--once");
        var errors = connector.StandardError.ReadToEndAsync();
        var output = connector.StandardOutput.ReadToEndAsync();
        var memory = await MemoryByQuartersAsync(connector);
        var rows = await output;
        var cost = Cost().Match(await errors);
        if (connector.ExitCode != 0 || !cost.Success || (await errors).Contains("429", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"run --once ended with {connector.ExitCode}:\n{await errors}");
        }

        var events = rows.Split('\n', StringSplitOptions.RemoveEmptyEntries).Sum(row => long.Parse(row.Split('\t')[2], CultureInfo.InvariantCulture));
        var bytes = Directory.EnumerateFiles(folder, "journal.db*").Sum(file => new FileInfo(file).Length);
        return new Figures(events, Number(cost, 1), Number(cost, 2), (int)Number(cost, 3), memory, bytes);
    }

    private static async Task<IReadOnlyList<int>> MemoryByQuartersAsync(Process process)
    {
        var samples = new List<long>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await timer.WaitForNextTickAsync() && !process.HasExited)
        {
            process.Refresh();
            samples.Add(process.WorkingSet64);
        }

        return [.. samples.Chunk((samples.Count + 3) / 4).Select(quarter => (int)(quarter.Average() / (1024 * 1024)))];
    }

    private static async Task<Dictionary<string, string>> ReadSettingsAsync(StreamReader output)
    {
        var text = "";
        while (!text.Contains("# Then", StringComparison.Ordinal)) text += await output.ReadLineAsync() + "\n";

        return new(Setting().Matches(text).Select(match => KeyValuePair.Create(match.Groups[1].Value, match.Groups[2].Value)))
        {
            ["Sources__Intercom__StartAt"] = "-31d",
            ["Sources__Sequence__RequestsPerMinute"] = "1000000",
        };
    }

    private static Process Start(string folder, Dictionary<string, string> settings, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = arguments[0] == "run",
        };
        foreach (var (name, value) in settings) start.Environment[name] = value;

        return Process.Start(start)!;
    }

    private static double Number(Match match, int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"([\d.]+) s, ([\d.]+) s of CPU, at most (\d+) MB")]
    private static partial Regex Cost();

    [GeneratedRegex(@"export (\w+)=(\S+)")]
    private static partial Regex Setting();
}
