using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActivityConnector.Tests.Configuration;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>Every field that an object of the delivered files names is in the index template, and can do there what the object asks of it.</summary>
public sealed partial class BoardFieldsTests
{
    private static readonly IReadOnlyDictionary<string, BoardField> Fields = SavedObjectFiles.Fields;

    [Theory]
    [InlineData("kibana")]
    [InlineData("opensearch-dashboards")]
    public void Every_field_exists_with_a_type_that_fits_its_use(string application)
    {
        var uses = SavedObjectTests.Objects(application).SelectMany(Uses).Distinct().ToList();

        Assert.All((string[])["show", "query", "group", "time", "largest", "percentile", "sort"], use => Assert.Contains(uses, named => named.Use == use));
        Assert.All(uses, named => Assert.True(Fits(named.Field, named.Use), $"{named.Field} cannot be used to {named.Use}."));
    }

    [Fact]
    public void A_field_that_both_sources_have_has_one_type()
    {
        var (intercom, sequence) = (BoardFields.Of(DeliveredFiles.Root, "intercom"), BoardFields.Of(DeliveredFiles.Root, "sequence"));
        var shared = intercom.Keys.Intersect(sequence.Keys).ToList();

        Assert.Contains("event.action", shared);
        Assert.All(shared, field => Assert.Equal(intercom[field], sequence[field]));
    }

    [Fact]
    public void A_delay_has_no_name_of_a_stored_field() => Assert.All(SavedObjectFiles.Board.Delays, delay =>
        Assert.All(BoardFields.Sources, source => Assert.DoesNotContain(delay.Name, BoardFields.Of(DeliveredFiles.Root, source).Keys)));

    [Theory]
    [InlineData("event.severity", "percentile", true)]
    [InlineData("event.action", "percentile", false)]
    [InlineData("event.created", "largest", true)]
    [InlineData("event.created", "query", false)]
    [InlineData("message", "group", false)]
    [InlineData("message", "show", true)]
    [InlineData("event.original", "sort", false)]
    [InlineData("source.address", "query", true)]
    [InlineData("user.nickname", "show", false)]
    public void The_template_decides_what_a_field_can_do(string field, string use, bool fits) => Assert.Equal(fits, Fits(field, use));

    [Theory]
    [InlineData("event.severity:>=73 AND NOT tags:(_a OR _b)", "event.severity,tags")]
    [InlineData("related.user:\"a.b:c\" OR source.ip:[1.1.1.1 TO 2.2.2.2]", "related.user,source.ip")]
    public void The_fields_of_a_query_are_found(string query, string fields) => Assert.Equal(fields.Split(','), FieldsOf(query));

    private static bool Fits(string name, string use) => Fields.TryGetValue(name, out var field) && use switch
    {
        "show" => true,
        "query" => field.Indexed,
        "group" or "sort" => field.Aggregatable,
        "time" => field is { Type: "date", Indexed: true },
        "largest" => field.Aggregatable && field.Type is "date" or "long" or "double",
        "percentile" => field.Aggregatable && field.Type is "long" or "double",
        _ => throw new ArgumentOutOfRangeException(nameof(use), use, "Not a use."),
    };

    private static IEnumerable<(string Field, string Use)> Uses(JsonObject one)
    {
        var attributes = one["attributes"]!;
        if (attributes["timeFieldName"] is { } time) yield return (SavedObjectTests.Text(time), "time");

        foreach (var column in attributes["columns"]?.AsArray() ?? []) yield return (SavedObjectTests.Text(column), "show");

        foreach (var order in attributes["sort"]?.AsArray() ?? []) yield return (SavedObjectTests.Text(order![0]), "sort");

        foreach (var (name, value) in SavedObjectWalk.Deep(one))
        {
            if (name == "fieldName") yield return (value, "group");

            foreach (var field in name == "query" ? FieldsOf(value) : []) yield return (field, "query");
        }

        if (attributes["fieldFormatMap"] is { } formats)
        {
            foreach (var (field, _) in JsonNode.Parse(SavedObjectTests.Text(formats))!.AsObject()) yield return (field, "show");
        }

        var columns = attributes["panelsJSON"] is { } panels
            ? JsonNode.Parse(SavedObjectTests.Text(panels))!.AsArray().SelectMany(panel => LensColumns(panel!))
            : [];
        foreach (var column in columns.Where(column => SavedObjectTests.Text(column["sourceField"]) != "___records___"))
        {
            yield return (SavedObjectTests.Text(column["sourceField"]), UseOf(SavedObjectTests.Text(column["operationType"])));
        }

        var aggregations = attributes["visState"] is { } state ? JsonNode.Parse(SavedObjectTests.Text(state))!["aggs"]!.AsArray() : [];
        foreach (var aggregation in aggregations.Where(aggregation => aggregation!["params"]!["field"] is not null))
        {
            yield return (SavedObjectTests.Text(aggregation!["params"]!["field"]), UseOf(SavedObjectTests.Text(aggregation["type"])));
        }
    }

    private static IEnumerable<JsonNode> LensColumns(JsonNode panel) =>
        panel["embeddableConfig"]?["attributes"]?["state"]?["datasourceStates"]?["formBased"]?["layers"]?.AsObject()
            .SelectMany(layer => layer.Value!["columns"]!.AsObject().Select(column => column.Value!)) ?? [];

    private static string UseOf(string operation) => operation switch
    {
        "terms" or "unique_count" or "cardinality" => "group",
        "date_histogram" => "time",
        "max" => "largest",
        _ => "percentile",
    };

    private static IEnumerable<string> FieldsOf(string query) => Field().Matches(Quoted().Replace(query, "\"\"")).Select(match => match.Groups[1].Value);

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<![\w.@])([@a-z_][\w.@]*):")]
    private static partial Regex Field();
}
