using System.Globalization;
using ActivityConnector.Benchmarks;
using BenchmarkDotNet.Running;

switch (args)
{
    case []:
        await Report.WriteAsync();
        return 0;
    case ["end-to-end", var records]:
        Console.WriteLine(await EndToEndBenchmark.RunAsync(int.Parse(records, CultureInfo.InvariantCulture)));
        return 0;
    case ["history", var records, var concurrency]:
        Console.WriteLine(await EndToEndBenchmark.RunHistoryAsync(
            int.Parse(records, CultureInfo.InvariantCulture), int.Parse(concurrency, CultureInfo.InvariantCulture)));
        return 0;
    case ["telemetry", var records]:
        Console.WriteLine(await EndToEndBenchmark.RunObservedAsync(int.Parse(records, CultureInfo.InvariantCulture)));
        return 0;
    case ["kafka", var records]:
        Console.WriteLine(await EndToEndBenchmark.RunIntoKafkaAsync(int.Parse(records, CultureInfo.InvariantCulture)));
        return 0;
    case [("elasticsearch" or "opensearch") and var kind, var events]:
        Console.WriteLine(string.Join('\n', await ElasticsearchBenchmark.RunAsync(kind, int.Parse(events, CultureInfo.InvariantCulture))));
        return 0;
    case ["detections"]:
        await DetectionsBenchmark.RunAsync();
        return 0;
    case ["dashboard"]:
        await DashboardPicture.WriteAsync();
        return 0;
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
        Console.Error.WriteLine(
            "Say which benchmark to run: mapping, mapping-quick, journal [events ...], end-to-end RECORDS, "
            + "history RECORDS CONCURRENCY, telemetry RECORDS, kafka RECORDS, elasticsearch EVENTS, opensearch EVENTS, detections, dashboard; "
            + "or nothing for the report.");
        return 2;
}
