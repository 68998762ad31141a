namespace ActivityConnector.Tests.Shared;

/// <summary>The librdkafka that the scripts built because NuGet has none here: every connector under test needs it. Elsewhere nothing.</summary>
public static class NativeKafka
{
    public const string Variable = "Kafka__NativeLibrary";

    public static string? Path { get; } = System.Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? path : null;

    public static IReadOnlyDictionary<string, string> Environment { get; } =
        Path is null ? new Dictionary<string, string>() : new Dictionary<string, string> { [Variable] = Path };
}
