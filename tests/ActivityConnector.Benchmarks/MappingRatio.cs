using System.Diagnostics;
using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Benchmarks;

/// <summary>
/// Mapping a record against JsonDocument.Parse of it, in turns, so that a busy machine is slow for both: the ratio of the best rounds,
/// and of the median ones.
/// </summary>
internal static class MappingRatio
{
    // Short rounds: on a busy machine at least some of them run undisturbed.
    private const int Rounds = 1500;
    private const int RecordsPerRound = MappingBenchmark.RecordsPerPage;

    public static void Run()
    {
        foreach (var (name, records, transform) in MappingBenchmark.Sources())
        {
            using var batch = new EventBatch();
            var page = MappingBenchmark.Page(records);
            var parse = new double[Rounds];
            var map = new double[Rounds];
            for (var round = -500; round < Rounds; round++)
            {
                var parsed = Time(() => Parse(records));
                var mapped = Time(() => Map(transform, page, batch));
                if (round >= 0)
                {
                    (parse[round], map[round]) = (parsed, mapped);
                }
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            var events = Map(transform, page, batch);
            var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)events;
            Array.Sort(parse);
            Array.Sort(map);
            Console.WriteLine(
                $"{name}: parse {parse[0]:F0} ns, map {map[0]:F0} ns, ratio {map[0] / parse[0]:F2} (median {map[Rounds / 2] / parse[Rounds / 2]:F2}), "
                + $"{allocated:F0} bytes allocated an event, {records.Average(r => r.Length):F0} bytes a record");
        }
    }

    private static double Time(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / RecordsPerRound;
    }

    private static void Parse(byte[][] records)
    {
        for (var i = 0; i < RecordsPerRound; i++)
        {
            using var document = JsonDocument.Parse(records[i % records.Length]);
        }
    }

    private static int Map(IActivityTransform transform, RawActivity[] page, EventBatch batch)
    {
        batch.Clear();
        transform.Transform(page, batch);
        return batch.Events.Count;
    }
}
