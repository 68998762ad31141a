using System.Diagnostics;
using System.Globalization;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Benchmarks;

/// <summary>What committing an event, knowing it again and reading it cost in processor time, while the journal grows.</summary>
internal static class JournalBenchmark
{
    /// <summary>Events in a commit, as a backfill has them.</summary>
    private const int Unit = 2_000;

    private const int Lookups = 20_000;
    private const int Reads = 50_000;

    /// <param name="args">The sizes to report at, in events; 100k, 500k, 1M and 2M by default.</param>
    public static async Task RunAsync(string[] args)
    {
        int[] sizes = args.Length > 0 ? [.. args.Select(a => int.Parse(a, CultureInfo.InvariantCulture))] : [100_000, 500_000, 1_000_000, 2_000_000];
        var directory = Directory.CreateTempSubdirectory("journal-bench-");
        try
        {
            await RunAsync(Path.Combine(directory.FullName, "journal.db"), sizes);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(string path, int[] sizes)
    {
        await using var journal = await SqliteJournal.OpenAsync(
            new JournalOptions { Path = path }, TimeProvider.System, NullLogger<SqliteJournal>.Instance, default);
        using var intercom = new JournalEvents("intercom");
        using var sequence = new JournalEvents("sequence");
        await using var intercomWriter = await journal.OpenWriterAsync(new("intercom", "bench"), default);
        await using var sequenceWriter = await journal.OpenWriterAsync(new("sequence", "bench"), default);
        await using var reader = await journal.OpenReaderAsync("bench", default);
        Console.WriteLine(
            "events in journal | commit us/event: user | system | wall | find us/key: new | known | read us/event | JSON/event | disk/event | WAL MiB");

        var (count, jsonBytes) = (0, 0L);
        foreach (var size in sizes)
        {
            var (search, commit, events, from) = (default(Cost), default(Cost), 0, count);
            var known = new List<EventKey>();
            while (count < size)
            {
                var (source, writer) = count / Unit % 2 == 0 ? (intercom, intercomWriter) : (sequence, sequenceWriter);
                var unit = source.Next(Unit);
                EventKey[] unitKeys = [.. unit.Select(EventKey.Of)];
                var searching = await MeasureAsync(async () => await writer.FindAsync(unitKeys, default));
                var cost = await MeasureAsync(() => writer.CommitAsync(new(unit, [], Next(writer, source)), default));
                count += unit.Count;
                jsonBytes += unit.Sum(e => (long)e.Json.Length);

                // The second half on the way to each size: what a commit costs with about that much in the journal.
                if (count > (from + size) / 2)
                {
                    (search, commit, events) = (search + searching, commit + cost, events + unit.Count);
                    if (source == sequence) known.AddRange(unitKeys);
                }
            }

            // As the overlap asks: neighbours in time, some of them new.
            EventKey[] keys = [.. known.TakeLast(Lookups), .. known.TakeLast(Lookups / 4).Select(k => k with { Key = ~k.Key })];
            var find = await MeasureAsync(async () =>
            {
                foreach (var page in keys.Chunk(Unit)) await sequenceWriter.FindAsync(page, default);
            });
            var read = 0;
            var reading = await MeasureAsync(async () =>
            {
                while (read < Reads && await reader.ReadAsync(1000, default) is { Count: > 0 } batch) read += batch.Count;
            });
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{count,17:N0} | {commit.User / events,21:F2} | {commit.System / events,6:F2} | {commit.Wall / events,4:F1} | "
                + $"{search.Processor / events,16:F2} | {find.Processor / keys.Length,5:F2} | {reading.Processor / read,13:F2} | "
                + $"{jsonBytes / count,10} | {new FileInfo(path).Length / (double)count,10:F0} | {new FileInfo(path + "-wal").Length / 1048576.0,7:F1}"));
        }
    }

    private static async Task<Cost> MeasureAsync(Func<ValueTask> work)
    {
        using var process = Process.GetCurrentProcess();
        var (user, system, wall) = (process.UserProcessorTime, process.PrivilegedProcessorTime, Stopwatch.GetTimestamp());
        await work();
        var elapsed = Stopwatch.GetElapsedTime(wall);
        process.Refresh();
        return new(
            (process.UserProcessorTime - user).TotalMicroseconds,
            (process.PrivilegedProcessorTime - system).TotalMicroseconds,
            elapsed.TotalMicroseconds);
    }

    internal static Checkpoint Next(IJournalWriter writer, JournalEvents source) => new()
    {
        Source = writer.Source,
        Sequence = (writer.Checkpoint?.Sequence ?? 0) + 1,
        CommittedAt = DateTimeOffset.UnixEpoch,
        Writer = new CheckpointWriter("bench", "bench"),
        Window = new WindowPosition
        {
            Watermark = source.Time.ToUnixTimeSeconds(),
            SpanSeconds = 86_400,
            LookbackSeconds = 900,
            SettleSeconds = 60,
            BackfillFrom = 0,
        },
    };

    private readonly record struct Cost(double User, double System, double Wall)
    {
        public double Processor => User + System;

        public static Cost operator +(Cost a, Cost b) => new(a.User + b.User, a.System + b.System, a.Wall + b.Wall);
    }
}
