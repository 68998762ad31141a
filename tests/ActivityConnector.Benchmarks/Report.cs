using System.Globalization;
using System.Runtime.InteropServices;
using ActivityConnector.Tests.Shared.Servers;

namespace ActivityConnector.Benchmarks;

/// <summary>Runs what the README promises figures for and rewrites <c>docs/benchmarks.md</c>.</summary>
internal static class Report
{
    private const int TelemetryTurns = 3;

    private static readonly int[] Sizes = [50_000, 200_000, 820_000];

    public static async Task WriteAsync()
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        text.WriteLine("# Benchmarks");
        text.WriteLine();
        text.WriteLine("Written by `./bench`. Compare figures of one run only: machines are noisy.");
        text.WriteLine();
        text.WriteLine($"Machine: {Processor()}, {Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB. "
            + $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}. Connector {ConnectorHost.Version}.");
        text.WriteLine();
        WriteMapping(text);
        await WriteEndToEndAsync(text);
        await WriteHistoryAsync(text);
        await WriteTelemetryAsync(text);
        await WriteKafkaAsync(text);
        await WriteElasticsearchAsync(text);
        var path = Path.Combine(MappingBenchmark.Repository(), "docs", "benchmarks.md");
        await File.WriteAllTextAsync(path, text.ToString());
        Console.WriteLine(text);
    }

    private static void WriteMapping(StringWriter text)
    {
        text.WriteLine("## Mapping");
        text.WriteLine();
        text.WriteLine("One record to the bytes of its events, in pages of 250 records as the simulators serve them, against `JsonDocument.Parse` of the same");
        text.WriteLine("bytes, in turns. Two SHA-256 of each event are a third of it ([decision 11](decisions/0011-platform-parts.md)).");
        text.WriteLine();
        text.WriteLine("| vendor | record | parse | map | ratio | ratio of medians | allocated an event |");
        text.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var r in MappingRatio.Measure())
        {
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {r.Vendor} | {r.RecordBytes:F0} B | {r.ParseNanoseconds:F0} ns | {r.MapNanoseconds:F0} ns | "
                + $"{r.Ratio:F2} | {r.RatioOfMedians:F2} | {r.AllocatedBytes:F0} B |"));
        }

        text.WriteLine();
    }

    private static async Task WriteEndToEndAsync(StringWriter text)
    {
        text.WriteLine("## End to end");
        text.WriteLine();
        text.WriteLine("`run --once` into SQLite, both vendors at once, the simulators in another process on the same machine. CPU and memory are the");
        text.WriteLine("connector's alone, start-up and just-in-time compilation included, which is why small runs look dearer.");
        text.WriteLine();
        text.WriteLine("| events | events/s | CPU-seconds per million | memory by quarters of the run | peak | journal per event |");
        text.WriteLine("|---|---|---|---|---|---|");
        foreach (var size in Sizes)
        {
            var f = await EndToEndBenchmark.RunAsync(size);
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {f.Events:N0} | {f.EventsPerSecond:N0} | {f.CpuSecondsPerMillion:F1} | "
                + $"{string.Join(", ", f.Memory)} MB | {f.MegaBytes} MB | {f.JournalBytes / f.Events} B |"));
        }
    }

    private static async Task WriteHistoryAsync(StringWriter text)
    {
        text.WriteLine();
        text.WriteLine("## A long history");
        text.WriteLine();
        text.WriteLine("100,000 Intercom records of 30 days into SQLite, from a vendor that takes 300 ms for an answer and allows 10,000 requests a minute,");
        text.WriteLine("by `Sources:Intercom:Concurrency`. The vendor never answers 429.");
        text.WriteLine();
        text.WriteLine("| windows at a time | seconds | events/s | CPU-seconds per million | peak |");
        text.WriteLine("|---|---|---|---|---|");
        foreach (var concurrency in (int[])[1, 8])
        {
            var f = await EndToEndBenchmark.RunHistoryAsync(100_000, concurrency);
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {concurrency} | {f.Seconds:F1} | {f.EventsPerSecond:N0} | {f.CpuSecondsPerMillion:F1} | {f.MegaBytes} MB |"));
        }
    }

    private static async Task WriteTelemetryAsync(StringWriter text)
    {
        text.WriteLine();
        text.WriteLine("## The cost of telemetry");
        text.WriteLine();
        if (ToolFolder.Missing(OtelCollector.Tool) is { } missing)
        {
            text.WriteLine($"Not measured here. {missing}");
            return;
        }

        text.WriteLine("The same as end to end, without telemetry and with traces, metrics and log sent to an OpenTelemetry Collector, in turns. CPU is the");
        text.WriteLine("connector's, in seconds per million events. At most a tenth more is the aim.");
        text.WriteLine();
        text.WriteLine("| without | with | more |");
        text.WriteLine("|---|---|---|");
        for (var turn = 0; turn < TelemetryTurns; turn++)
        {
            var (without, with) = (await EndToEndBenchmark.RunAsync(Sizes[1]), await EndToEndBenchmark.RunObservedAsync(Sizes[1]));
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {without.CpuSecondsPerMillion:F1} | {with.CpuSecondsPerMillion:F1} | {(with.CpuSeconds / without.CpuSeconds) - 1:P0} |"));
        }
    }

    private static async Task WriteKafkaAsync(StringWriter text)
    {
        text.WriteLine();
        text.WriteLine("## Into Kafka");
        text.WriteLine();
        if (KafkaCluster.Missing is { } missing)
        {
            text.WriteLine($"Not measured here. {missing}");
            return;
        }

        text.WriteLine("The same with the journal in Kafka: one broker on the same machine, zstd, transactions. Shares are of the CPU time of connector and");
        text.WriteLine("broker together; the simulators take what is left of the machine.");
        text.WriteLine();
        text.WriteLine("| events | events/s | CPU-seconds per million | broker's share | memory by quarters of the run | peak | topics per event |");
        text.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var size in Sizes)
        {
            var f = await EndToEndBenchmark.RunIntoKafkaAsync(size);
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {f.Events:N0} | {f.EventsPerSecond:N0} | {f.CpuSecondsPerMillion:F1} | "
                + $"{f.BrokerCpuSeconds / (f.BrokerCpuSeconds + f.CpuSeconds):P0} | "
                + $"{string.Join(", ", f.Memory)} MB | {f.MegaBytes} MB | {f.JournalBytes / f.Events} B |"));
        }
    }

    private static async Task WriteElasticsearchAsync(StringWriter text)
    {
        text.WriteLine();
        text.WriteLine("## Into Elasticsearch and OpenSearch");
        text.WriteLine();
        text.WriteLine(
            "From a SQLite journal that is full, one node with 1 GB of heap on the same machine, with the settings as they come: an event is on disk when");
        text.WriteLine("it is answered. The server got three million other events first, because one that has just started compiles itself while it works.");
        text.WriteLine("At least 15,000 events/s is the aim, with at most a fifth of the server's CPU time.");
        text.WriteLine();
        text.WriteLine("| server | events are | events | events/s | CPU-seconds per million | server's | connector's to the server's |");
        text.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var kind in (string[])["elasticsearch", "opensearch"])
        {
            if (SearchServer.Missing(kind) is { } missing)
            {
                text.WriteLine($"| {kind} | not measured here: {missing} | | | | | |");
                continue;
            }

            foreach (var figures in await ElasticsearchBenchmark.RunAsync(kind, 500_000)) text.WriteLine($"| {kind} | {figures} |");
        }
    }

    private static string Processor()
    {
        const string Info = "/proc/cpuinfo";
        var model = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return model?.Split(':')[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
