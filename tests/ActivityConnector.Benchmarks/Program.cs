using ActivityConnector.Benchmarks;
using BenchmarkDotNet.Running;

switch (args)
{
    case ["mapping"]:
        BenchmarkRunner.Run<MappingBenchmark>(MappingBenchmark.Config());
        return 0;
    case ["mapping-quick"]:
        MappingRatio.Run();
        return 0;
    case ["journal", .. var sizes]:
        await JournalBenchmark.RunAsync(sizes);
        return 0;
    default:
        Console.Error.WriteLine("Say which benchmark to run: mapping, mapping-quick, journal [events ...].");
        return 2;
}
