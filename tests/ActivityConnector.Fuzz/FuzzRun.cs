using System.Globalization;
using System.IO.Compression;
using ActivityConnector.Tests.Fuzz;

namespace ActivityConnector.Fuzz;

/// <summary>Runs every target, or one, each a second in turn, and tells what came of it.</summary>
internal static class FuzzRun
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);

    private static readonly DateTimeOffset Dated = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="time">In all, the corpus not counted.</param>
    /// <param name="only">The name of a target.</param>
    /// <param name="keep">The folder whose archives of found inputs are written anew; null = none is.</param>
    /// <returns>The exit code.</returns>
    public static int Start(TimeSpan time, string? only, string? keep)
    {
        var seed = Environment.TickCount;
        var folder = Directory.CreateTempSubdirectory("fuzz-").FullName;
        using var watch = new Watch(Path.Combine(folder, "current"));
        Console.WriteLine($"Seed {seed}; what is found is in {folder}.");
        List<TargetRun> runs = [.. FuzzTarget.All.Where(t => only is null || t.Name == only).Select(t => new TargetRun(t, new Random(seed), watch))];
        if (runs.Count == 0)
        {
            Console.Error.WriteLine($"There is no target {only}; there are {string.Join(", ", FuzzTarget.All.Select(t => t.Name))}.");
            return 2;
        }

        foreach (var run in runs)
        {
            run.Replay();
            Report(run, folder, 0);
        }

        for (var start = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(start) < time;)
        {
            foreach (var run in runs)
            {
                var before = run.Findings.Count;
                run.RunFor(Turn < time / runs.Count ? Turn : time / runs.Count);
                Report(run, folder, before);
            }
        }

        foreach (var run in runs)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{run.Name,-20} {run.Executions,10} executions {run.Elapsed.TotalSeconds,6:0} s {run.Branches,6} branches {run.Inputs,5} inputs "
                + $"{run.MaxAllocated >> 10,7} KiB at most {run.Findings.Count,3} findings"));
            if (keep is not null) Keep(run, keep);
        }

        Console.WriteLine($"{runs.Sum(r => r.Executions)} executions, {runs.Sum(r => r.Findings.Count)} findings");
        return runs.Exists(r => r.Findings.Count > 0) ? 1 : 0;
    }

    private static void Report(TargetRun run, string folder, int from)
    {
        foreach (var (input, problem) in run.Findings.Skip(from))
        {
            var path = Path.Combine(folder, $"{run.Name}-{TargetRun.NameOf(input)}");
            File.WriteAllBytes(path, input);
            Console.WriteLine($"FOUND {path}: {problem}");
        }
    }

    private static void Keep(TargetRun run, string folder)
    {
        using var archive = new ZipArchive(File.Create(Path.Combine(folder, run.Name + ".zip")), ZipArchiveMode.Create);
        foreach (var input in run.Smallest())
        {
            var entry = archive.CreateEntry(TargetRun.NameOf(input));
            entry.LastWriteTime = Dated;
            using var stream = entry.Open();
            stream.Write(input);
        }
    }
}
