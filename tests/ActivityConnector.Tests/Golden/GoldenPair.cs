using System.Globalization;
using System.Text.Json;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Golden;

/// <summary>A vendor's record and the events it must become, as <c>reference.py</c> derived them from the specification.</summary>
/// <param name="Free">Fields whose content the specification leaves open: not compared.</param>
internal sealed record GoldenPair(
    string Vendor,
    string Name,
    string Record,
    DateTimeOffset ReceivedAt,
    EventSettings Settings,
    IReadOnlyList<GoldenEvent> Events,
    IReadOnlySet<string> Free)
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "Golden");

    public static IEnumerable<string> Names { get; } =
    [
        .. Directory.EnumerateFiles(Root, "*.golden.json", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/')[..^".golden.json".Length])
            .Order(StringComparer.Ordinal),
    ];

    public static GoldenPair Read(string name)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Root, name + ".golden.json")));
        var pair = file.RootElement;
        var vendor = name[..name.IndexOf('/', StringComparison.Ordinal)];
        return new GoldenPair(
            vendor,
            name,
            pair.GetProperty("record").GetString()!,
            pair.TryGetProperty("received_at", out var at) ? Time(at.GetString()!) : Vendors.ReceivedAt,
            pair.TryGetProperty("settings", out var settings) ? Configured(Vendors.Settings(vendor), settings) : Vendors.Settings(vendor),
            [.. pair.GetProperty("events").EnumerateArray().Select(GoldenEvent.From)],
            pair.TryGetProperty("free", out var free) ? free.EnumerateArray().Select(f => f.GetString()!).ToHashSet() : []);
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static EventSettings Configured(EventSettings settings, JsonElement changes)
    {
        foreach (var change in changes.EnumerateObject())
        {
            var value = change.Value;
            settings = change.Name switch
            {
                "service_address" => settings with { ServiceAddress = value.GetString()! },
                "organization_id" => settings with { OrganizationId = value.GetString() },
                "organization_name" => settings with { OrganizationName = value.GetString() },
                "api_version" => settings with { ApiVersion = value.GetString() },
                "namespace" => settings with { Namespace = value.GetString()! },
                "environment" => settings with { ServiceEnvironment = value.GetString() },
                "ephemeral_id" => settings with { Agent = settings.Agent with { EphemeralId = value.GetString() } },
                "tags" => settings with { Tags = [.. value.EnumerateArray().Select(t => t.GetString()!)] },
                "labels" => settings with { Labels = value.EnumerateObject().ToDictionary(l => l.Name, l => l.Value.GetString()!) },
                "severity" => settings with
                {
                    SeverityOverrides = value.EnumerateObject().ToDictionary(s => s.Name, s => s.Value.GetInt32()),
                },
                "keep_original" => settings with { KeepOriginal = value.GetBoolean() },
                _ => throw new InvalidDataException($"Unknown setting {change.Name} in a golden pair."),
            };
        }

        return settings;
    }
}
