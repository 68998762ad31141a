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

    /// <summary>Best and median rounds of one vendor, in nanoseconds a record.</summary>
    internal sealed record Result(
        string Vendor, double RecordBytes, double ParseNanoseconds, double MapNanoseconds, double RatioOfMedians, double AllocatedBytes)
    {
        public double Ratio => MapNanoseconds / ParseNanoseconds;
    }

    public static void Run()
    {
        foreach (var r in Measure())
        {
            Console.WriteLine(
                $"{r.Vendor}: parse {r.ParseNanoseconds:F0} ns, map {r.MapNanoseconds:F0} ns, ratio {r.Ratio:F2} (median {r.RatioOfMedians:F2}), "
                + $"{r.AllocatedBytes:F0} bytes allocated an event, {r.RecordBytes:F0} bytes a record");
        }
    }

    public static IEnumerable<Result> Measure()
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
                if (round >= 0) (parse[round], map[round]) = (parsed, mapped);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            var events = Map(transform, page, batch);
            var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)events;
            Array.Sort(parse);
            Array.Sort(map);
            yield return new Result(
                name, records.Average(r => r.Length), parse[0], map[0], map[Rounds / 2] / parse[Rounds / 2], allocated);
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
        foreach (var activity in page) transform.Transform(activity, batch);

        return batch.Events.Count;
    }
}
