using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ActivityConnector.Tests.Golden;

public sealed class EcsConformanceTests
{
    public static TheoryData<string> Pairs => [.. GoldenPair.Names];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Every_field_is_known_to_ECS_with_its_type_and_normalisation_or_is_ours(string name)
    {
        foreach (var (field, raw) in GoldenPair.Read(name).Events.SelectMany(e => e.Fields))
        {
            using var value = JsonDocument.Parse(raw);
            AssertField(field, value.RootElement);
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Every_category_and_type_is_allowed_and_they_expect_each_other(string name)
    {
        foreach (var e in GoldenPair.Read(name).Events)
        {
            var fields = e.Fields.ToDictionary(f => f.Key, f => f.Value);
            AssertClass(fields, name);
            Assert.True(EcsSchema.IsAllowed("event.kind", JsonSerializer.Deserialize<string>(fields["event.kind"])!));
            if (fields.TryGetValue("event.outcome", out var outcome))
                Assert.True(EcsSchema.IsAllowed("event.outcome", JsonSerializer.Deserialize<string>(outcome)!));
        }
    }

    [Theory]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public void Every_row_of_a_table_holds_categories_and_types_that_expect_each_other(string vendor)
    {
        foreach (var row in CsvRows.Read(Vendors.TableText(vendor)))
        {
            var types = Split(row["event.type"]);
            foreach (var categories in Categories(row["event.category"]))
            {
                // An {class} row that turns out to be iam has no access type and needs its subject (Mapping 4.1).
                var iam = row["event.category"] == "{class}" && categories[0] == "iam";
                EcsSchema.AssertClass(
                    categories, iam ? ["user", .. types.Select(t => t == "access" ? "info" : t)] : types, row["event.action"]);
            }

            Assert.True(row["event.outcome"].Length == 0 || EcsSchema.IsAllowed("event.outcome", row["event.outcome"]));
            Assert.InRange(int.Parse(row["severity"], CultureInfo.InvariantCulture), 0, 100);
        }
    }

    internal static void AssertField(string field, JsonElement value)
    {
        if (EcsSchema.IsCustom(field))
            return;

        var type = EcsSchema.TypeOf(field);
        Assert.True(type is not null, $"ECS has no field {field}");
        Assert.True(EcsSchema.IsArray(field) == (value.ValueKind == JsonValueKind.Array), $"{field}: array or not");
        foreach (var one in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value])
        {
            Assert.Equal(type == "long" ? JsonValueKind.Number : JsonValueKind.String, one.ValueKind);
            if (type == "ip")
                Assert.True(Regex.IsMatch(one.GetString()!, "^[0-9a-f:.]+$") && IPAddress.TryParse(one.GetString(), out _), one.GetString());
            if (type == "date")
                Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,7}Z$", one.GetString()!);
        }
    }

    internal static void AssertClass(Dictionary<string, string> fields, string where) =>
        EcsSchema.AssertClass(Texts(fields, "event.category"), Texts(fields, "event.type"), where);

    private static string[] Texts(Dictionary<string, string> fields, string name) =>
        fields.TryGetValue(name, out var raw) ? JsonSerializer.Deserialize<string[]>(raw)! : [];

    private static string[][] Categories(string cell) => cell == "{class}" ? [["api"], ["configuration"], ["iam"]] : [Split(cell)];

    private static string[] Split(string cell) => cell.Split('|', StringSplitOptions.RemoveEmptyEntries);
}
