using System.Globalization;
using System.Text.RegularExpressions;
using ActivityConnector.Tests.Configuration;

namespace ActivityConnector.Tests.Telemetry;

/// <summary>The metrics that a text of Prometheus, a file of alerts or a dashboard names.</summary>
internal static partial class MetricNames
{
    /// <summary>The samples.</summary>
    public static IEnumerable<string> Lines(string metrics) =>
        metrics.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#');

    public static IEnumerable<string> Served(string metrics) => Lines(metrics).Select(line => line[..line.IndexOfAny(['{', ' '])]).Distinct();

    /// <summary>Those that a delivered file uses in its expressions.</summary>
    /// <param name="file">Below config.</param>
    public static IEnumerable<string> Used(string file) =>
        Name().Matches(File.ReadAllText(Path.Combine(DeliveredFiles.Root, "config", file))).Select(m => m.Value).Distinct();

    /// <param name="labels">Each a part of the samples that count.</param>
    public static double Sum(string metrics, string name, params string[] labels) => Lines(metrics)
        .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && labels.All(label => line.Contains(label, StringComparison.Ordinal)))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\b(?:activity_connector|messaging_client|messaging_process|db_client|http_client|dotnet)_[a-z_]+\b")]
    private static partial Regex Name();
}
