using System.Text.Json.Nodes;
using ActivityConnector.Detections;
using ActivityConnector.Tests.Configuration;

namespace ActivityConnector.Tests.Detections;

/// <summary>The rules that are delivered, as files and as Elastic imports them.</summary>
internal static class DeliveredRules
{
    public static string Folder { get; } = Path.Combine(DeliveredFiles.Root, "config", "detections");

    public static IReadOnlyList<DetectionRule> All { get; } = RuleFile.ReadFolder(Folder);

    /// <summary>By the name of the file.</summary>
    public static TheoryData<string> Names => [.. All.Select(rule => rule.Name)];

    public static DetectionRule Named(string name) => All.Single(rule => rule.Name == name);

    public static JsonObject Elastic(DetectionRule rule) => new ElasticForm(AttackNames.ReadBeside(Folder)).Of(rule);
}
