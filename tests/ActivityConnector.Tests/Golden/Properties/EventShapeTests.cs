using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>The invariants of mapping 1.2 for whatever a vendor sends.</summary>
public sealed partial class EventShapeTests
{
    private static readonly HashSet<string> NumberFields =
        ["event.severity", "source.port", "sequence.item.index", "sequence.activity_log.item_count"];

    public static TheoryData<string> BothVendors => ["intercom", "sequence"];

    [Theory, MemberData(nameof(BothVendors))]
    public void Keys_are_dotted_lower_case_names(string vendor) =>
        Property.HoldsForFields(vendor, (name, _) => Assert.True(IsName(name), name));

    [Theory, MemberData(nameof(BothVendors))]
    public void No_key_appears_twice_or_is_a_dotted_prefix_of_another(string vendor) => Property.HoldsForEvents(vendor, (_, events) =>
    {
        foreach (var e in events)
        {
            var names = Flat.Read(e.Json).Select(f => f.Key).ToList();
            var all = names.ToHashSet();
            Assert.Equal(names.Count, all.Count);
            Assert.DoesNotContain(names, name => Prefixes(name).Any(all.Contains));
        }
    });

    [Theory, MemberData(nameof(BothVendors))]
    public void ECS_fields_have_the_type_and_normalisation_of_ECS(string vendor) =>
        Property.HoldsForFields(vendor, EcsConformanceTests.AssertField);

    [Theory, MemberData(nameof(BothVendors))]
    public void Categories_and_types_expect_each_other(string vendor) => Property.HoldsForEvents(vendor, (sample, events) =>
    {
        foreach (var e in events)
            EcsConformanceTests.AssertClass(Flat.Read(e.Json).ToDictionary(f => f.Key, f => f.Value), sample.Json);
    });

    [Theory, MemberData(nameof(BothVendors))]
    public void Nothing_is_null_or_empty(string vendor) => Property.HoldsForFields(vendor, (name, value) =>
        Assert.All(Scalars(value).DefaultIfEmpty(), scalar => Assert.True(
            scalar.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null) && scalar.GetRawText() != "\"\"", name)));

    [Theory, MemberData(nameof(BothVendors))]
    public void Only_four_fields_are_numbers_and_all_others_are_text(string vendor) => Property.HoldsForFields(vendor, (name, value) =>
        Assert.All(Scalars(value), scalar => Assert.Equal(
            NumberFields.Contains(name) ? JsonValueKind.Number : JsonValueKind.String, scalar.ValueKind)));

    [Theory, MemberData(nameof(BothVendors))]
    public void Time_message_and_version_come_first_and_then_ordinal_order(string vendor) => Property.HoldsForEvents(vendor, (_, events) =>
    {
        foreach (var e in events)
        {
            var names = Flat.Read(e.Json).Select(f => f.Key).ToList();
            Assert.Equal(["@timestamp", "message", "ecs.version"], names.Take(3));
            Assert.Equal(names.Skip(3).OrderBy(name => Convert.ToHexString(Encoding.UTF8.GetBytes(name)), StringComparer.Ordinal), names.Skip(3));
        }
    });

    [Theory, MemberData(nameof(BothVendors))]
    public void Strings_are_valid_Unicode_without_NUL(string vendor) => Property.HoldsForEvents(vendor, (_, events) =>
    {
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        foreach (var e in events)
        {
            Assert.False(strict.GetString(e.Json.Span).Contains('\0', StringComparison.Ordinal));
            using var json = JsonDocument.Parse(e.Json);

            // GetString throws for an escaped lone surrogate.
            var texts = json.RootElement.EnumerateObject().SelectMany(m => Scalars(m.Value)).Where(v => v.ValueKind == JsonValueKind.String);
            Assert.DoesNotContain(texts, text => text.GetString()!.Contains('\0', StringComparison.Ordinal));
        }
    });

    [Theory, MemberData(nameof(BothVendors))]
    public void Flat_to_nested_and_back_gives_the_same_event(string vendor) => Property.HoldsForEvents(vendor, (_, events) =>
    {
        foreach (var e in events)
        {
            var nested = new ArrayBufferWriter<byte>();
            NestedEvent.Write(e.Json.Span, nested);

            using var json = JsonDocument.Parse(nested.WrittenMemory);
            AssertNoDots(json.RootElement);
            Assert.Equal(
                Flat.Read(e.Json).OrderBy(f => f.Key, StringComparer.Ordinal),
                Flat.FromNested(nested.WrittenMemory).OrderBy(f => f.Key, StringComparer.Ordinal));
        }
    });

    internal static IEnumerable<JsonElement> Scalars(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [value];

    private static IEnumerable<string> Prefixes(string name) =>
        name.Select((c, i) => (c, i)).Where(x => x.c == '.').Select(x => name[..x.i]);

    private static void AssertNoDots(JsonElement value)
    {
        foreach (var member in value.ValueKind == JsonValueKind.Object ? value.EnumerateObject().ToArray() : [])
        {
            Assert.DoesNotContain('.', member.Name);
            AssertNoDots(member.Value);
        }
    }

    /// <summary>Whether a field may be called so.</summary>
    internal static bool IsName(string name) => KeyPattern().IsMatch(name) || IsMetadataName(name);

    /// <summary>Letters and digits of every script, in lower case.</summary>
    private static bool IsMetadataName(string name) => name.StartsWith("intercom.metadata.", StringComparison.Ordinal)
        && name["intercom.metadata.".Length..] is { Length: > 0 and <= 128 } key
        && key.EnumerateRunes().ToList().TrueForAll(rune => rune.Value == '_' || (IsInName(rune) && rune == Rune.ToLowerInvariant(rune)));

    private static bool IsInName(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    [GeneratedRegex(@"\A(@timestamp|[a-z0-9_]+(\.[a-z0-9_]+)*)\z")]
    private static partial Regex KeyPattern();
}
