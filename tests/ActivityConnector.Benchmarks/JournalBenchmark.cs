using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Benchmarks;

/// <summary>What committing an event and knowing it again costs in processor time, while the journal grows.</summary>
public static class JournalBenchmark
{
    private const int Unit = 5_000;
    private const int EventBytes = 2_000;
    private const int Lookups = 20_000;

    /// <param name="args">The sizes to report at, in events; 100k, 500k, 1M and 2M by default.</param>
    public static void Run(string[] args)
    {
        int[] sizes = args.Length > 0 ? [.. args.Select(a => int.Parse(a, CultureInfo.InvariantCulture))] : [100_000, 500_000, 1_000_000, 2_000_000];
        RunAsync(sizes).GetAwaiter().GetResult();
    }

    private static async Task RunAsync(int[] sizes)
    {
        var directory = Directory.CreateTempSubdirectory("journal-bench-");
        try
        {
            var path = Path.Combine(directory.FullName, "journal.db");
            await using var journal = await SqliteJournal.OpenAsync(
                new JournalOptions { Path = path }, TimeProvider.System, NullLogger<SqliteJournal>.Instance, default);
            await using var writer = await journal.OpenWriterAsync(new("intercom", "bench"), default);
            var random = new Random(1);
            var body = Body(random);
            var known = new List<EventKey>();
            Console.WriteLine("events in journal | commit us/event: user | system | wall | find us CPU/key | bytes on disk/event | WAL MB");

            var count = 0;
            foreach (var size in sizes)
            {
                var (user, system, wall, events) = (0.0, 0.0, 0.0, 0);
                var walBytes = 0L;
                while (count < size)
                {
                    var unit = Events(random, count, body);
                    count += Unit;
                    var cost = await MeasureAsync(() => writer.CommitAsync(new(unit, [], Next(writer, count)), default));
                    walBytes = Math.Max(walBytes, new FileInfo(path + "-wal").Length);

                    // The last tenth before each size: what a commit costs with that much in the journal.
                    if (count > size - (size / 10))
                    {
                        (user, system, wall, events) = (user + cost.User, system + cost.System, wall + cost.Wall, events + Unit);
                        known.AddRange(unit.Select(EventKey.Of));
                    }
                }

                // As the overlap asks: neighbours in time, some of them new.
                EventKey[] keys = [.. known.Skip(known.Count - Lookups), .. Enumerable.Range(0, Lookups / 4).Select(_ => known[^1] with { Key = (UInt128)random.NextInt64() })];
                var find = await MeasureAsync(async () =>
                {
                    foreach (var page in keys.Chunk(Unit))
                    {
                        await writer.FindAsync(page, default);
                    }
                });
                known.Clear();
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{size,17:N0} | {user / events,21:F2} | {system / events,6:F2} | {wall / events,4:F1} | {(find.User + find.System) / keys.Length,15:F2} | {new FileInfo(path).Length / (double)count,19:F0} | {walBytes >> 20,6}"));
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<(double User, double System, double Wall)> MeasureAsync(Func<ValueTask> work)
    {
        using var process = Process.GetCurrentProcess();
        var (user, system, wall) = (process.UserProcessorTime, process.PrivilegedProcessorTime, Stopwatch.GetTimestamp());
        await work();
        var elapsed = Stopwatch.GetElapsedTime(wall);
        process.Refresh();
        return (
            (process.UserProcessorTime - user).TotalMicroseconds,
            (process.PrivilegedProcessorTime - system).TotalMicroseconds,
            elapsed.TotalMicroseconds);
    }

    private static byte[] Body(Random random)
    {
        var text = new StringBuilder("{\"@timestamp\":\"2026-11-21T20:00:00.000Z\"");
        while (text.Length < EventBytes - 40)
        {
            text.Append(CultureInfo.InvariantCulture, $",\"field.{random.Next(1000)}\":\"{random.NextInt64():x}\"");
        }

        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }

    private static EcsEvent[] Events(Random random, int first, byte[] body)
    {
        var events = new EcsEvent[Unit];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        for (var i = 0; i < Unit; i++)
        {
            random.NextBytes(digest);
            events[i] = new EcsEvent
            {
                Id = Convert.ToHexStringLower(digest[..20]),
                Key = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest),
                ContentHash = (ulong)random.NextInt64(),
                EventId = "bench",
                Dataset = "intercom.audit",
                Action = "bench",
                Tenant = "bench",
                Time = DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000 + (first + i) * 5),
                HasSourceTime = true,
                TraceId = Convert.ToHexStringLower(digest[16..]),
                Json = body,
            };
        }

        return events;
    }

    private static Checkpoint Next(IJournalWriter writer, int watermark) => new()
    {
        Source = new CheckpointSource("intercom", "bench", "2.16", null),
        Sequence = (writer.Checkpoint?.Sequence ?? 0) + 1,
        CommittedAt = DateTimeOffset.UnixEpoch,
        Writer = new CheckpointWriter("bench", "bench"),
        Window = new WindowPosition { Watermark = 1_700_000_000 + watermark * 5, SpanSeconds = 86_400, LookbackSeconds = 900, SettleSeconds = 60, BackfillFrom = 0 },
    };
}
