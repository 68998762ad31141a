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
    default:
        Console.Error.WriteLine("Say which benchmark to run: mapping, mapping-quick.");
        return 2;
}
