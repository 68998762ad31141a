using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActivityConnector.Dashboards;
using ActivityConnector.Vendors;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>What <c>versions.json</c> of a folder must hold: what releases delivered before, and what this one delivers.</summary>
internal static class DeliveredVersions
{
    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    public static IndexNames Names { get; } = new("logs", Vendor.Names);

    /// <summary>The contents by object. Those of this release are made anew; a content that an earlier one delivered is not listed again.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<ReleasedContent>> Of(string folder, string release)
    {
        var before = ReleasedContents.Read(folder);
        return DeliveredFolder.Read(folder, Names).ToDictionary(o => o.Key, o =>
        {
            var earlier = before.GetValueOrDefault(o.Key, []).Where(content => content.Release != release).ToList();
            var current = Of(o, release);
            return (IReadOnlyList<ReleasedContent>)(earlier.LastOrDefault()?.Hash == current.Hash ? earlier : [.. earlier, current]);
        });
    }

    /// <summary>As the file is written: a content a line.</summary>
    public static string Text(IReadOnlyDictionary<string, IReadOnlyList<ReleasedContent>> contents)
    {
        var text = new StringBuilder("{\n");
        var objects = contents.OrderBy(o => o.Key, StringComparer.Ordinal).ToList();
        foreach (var (key, released) in objects)
        {
            text.Append($"  {JsonSerializer.Serialize(key, Json)}: [\n    ");
            text.AppendJoin(",\n    ", released.Select(content => JsonSerializer.Serialize(content, Json)));
            text.Append(key == objects[^1].Key ? "\n  ]\n" : "\n  ],\n");
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>Rules with a content that an earlier release did not have, and with a version that it had.</summary>
    public static IEnumerable<string> NotRaised(IReadOnlyDictionary<string, IReadOnlyList<ReleasedContent>> contents) =>
        from o in contents
        let last = o.Value[^1]
        where last.Version is not null && o.Value.SkipLast(1).Any(earlier => earlier.Version >= last.Version)
        select o.Key;

    private static ReleasedContent Of(DeliveredObject delivered, string release)
    {
        string[] fields = [.. delivered.Content.Select(member => member.Key).Order(StringComparer.Ordinal)];
        var version = delivered.IsRule ? delivered.Line["version"]?.GetValue<int>() : null;
        return new(release, version, ObjectContent.Hash(delivered.Content, fields, Names), fields);
    }
}
