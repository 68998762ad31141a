using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Tests.Golden;
using ActivityConnector.Tests.Golden.Properties;
using ActivityConnector.Tests.Sinks.Elasticsearch;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Fields;
using ActivityConnector.Vendors;
using Json.Schema;

namespace ActivityConnector.Tests.Transforms;

/// <summary>The JSON Schema of an event, held by a validator that shares no code with what wrote it.</summary>
public sealed class EventSchemaTests
{
    private static readonly JsonSchema Flat = JsonSchema.FromText(EventSchema.Text(Vendor.EventFields, nested: false, indented: true));
    private static readonly JsonSchema Nested = JsonSchema.FromText(EventSchema.Text(Vendor.EventFields, nested: true, indented: false));

    private static readonly EvaluationOptions Options = new() { RequireFormatValidation = true, OutputFormat = OutputFormat.Flag };

    public static TheoryData<string> BothVendors => ["intercom", "sequence"];

    public static TheoryData<string> Pairs => [.. GoldenPair.Names];

    public static TheoryData<string> FieldNames => [.. Vendor.EventFields.Select(f => f.Name)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_is_a_schema_of_2020_12_and_its_name_has_a_version(bool nested)
    {
        var text = EventSchema.Text(Vendor.EventFields, nested, indented: true);

        Assert.True(MetaSchemas.Draft202012.Evaluate(JsonNode.Parse(text), Options).IsValid);
        var schema = JsonNode.Parse(text)!;
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", (string?)schema["$schema"]);
        Assert.Equal("urn:activity:ecs:8.17.0-1" + (nested ? ":nested" : ""), (string?)schema["$id"]);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Every_golden_event_is_one(string name)
    {
        foreach (var e in GoldenPair.Read(name).Events) AssertValid(Encoding.UTF8.GetBytes(GoldenEvent.Wire(e.Fields, new HashSet<string>())));
    }

    [Theory]
    [InlineData("Ada", "127.0.0.1", "running", "paused")]
    [InlineData("\u202e\"\\{}", "fe80::1", null, null)]
    public void An_event_of_a_change_by_an_operator_is_one(string user, string address, string? before, string? after)
    {
        var audit = new AuditEvent
        {
            Id = Guid.NewGuid(),
            Time = DateTimeOffset.UnixEpoch,
            Action = "source-paused",
            Message = $"{user} paused intercom/acme.",
            Target = "intercom/acme",
            User = user,
            Address = address,
            Before = before,
            After = after,
            Agent = new AgentIdentity("id", "name", "1"),
        };

        var e = audit.ToEvent();

        AssertValid(e.Json);
        Assert.Null(FlatEvent.Trouble(e.Json.Span));
        Assert.Equal(e, audit.ToEvent() with { Json = e.Json, EventIdText = e.EventIdText });
    }

    [Theory]
    [MemberData(nameof(BothVendors))]
    public void Every_event_of_any_record_is_one(string vendor) =>
        Property.HoldsForEvents(vendor, (_, events) => Assert.All(events, e => AssertValid(e.Json)));

    [Fact]
    public void Every_event_of_the_simulators_hostile_records_is_one() =>
        Assert.All(FieldTableContract.Events(seed: 11, recordsOfAVendor: 1_500, hostileShare: 0.5), e => AssertValid(e.Json));

    [Theory]
    [MemberData(nameof(BothVendors))]
    public void Revised_and_truncated_events_are_some(string vendor)
    {
        using var output = new EventBatch();
        Property.HoldsForEvents(vendor, (_, events) =>
        {
            foreach (var e in events)
            {
                AssertValid(RevisedEvent.Make(e, output).Json);
                if (TruncatedEvent.Make(e, output) is { } cut) AssertValid(cut.Json);
            }

            output.Clear();
        });
    }

    [Theory]
    [InlineData("intercom", "*", PrivacyAction.Drop)]
    [InlineData("sequence", "*", PrivacyAction.Drop)]
    [InlineData("intercom", "*", PrivacyAction.Hash)]
    [InlineData("sequence", "*", PrivacyAction.Hash)]
    [InlineData("intercom", "user.*", PrivacyAction.Hash)]
    [InlineData("sequence", "user.email", PrivacyAction.Drop)]
    public void Events_under_privacy_rules_are_some(string vendor, string hidden, PrivacyAction action)
    {
        // A rule for everything that may have one.
        var names = hidden == "*" ? Vendor.EventFields.Where(f => !f.IsRequired && f.Name is not ("organization.id")).Select(f => f.Name) : [hidden];
        var rules = new PrivacyRules(names.ToDictionary(name => name, _ => action), new byte[16]);
        var transform = Golden.Vendors.Transform(vendor, Golden.Vendors.Settings(vendor) with { Privacy = rules });
        using var batch = new EventBatch();
        Property.Holds(vendor, sample =>
        {
            batch.Clear();
            transform.Run(sample.Json, Golden.Vendors.ReceivedAt, batch);
            Assert.All(batch.Events, e => AssertValid(e.Json));
        });
    }

    [Theory]
    [MemberData(nameof(FieldNames))]
    public void A_value_that_is_not_the_fields_is_none(string name)
    {
        var field = Vendor.EventFields.Single(f => f.Name == name);
        var key = field.IsOpen ? name[..^1] + "x" : name;
        var right = Right(field);
        AssertValid(With(key, right));

        // The other of text and number, an object, null, nothing in it, and the other of one value and a list.
        string[] wrong = field.Type == FieldType.Number
            ? ["\"7\"", "7.5", "-1", "null", "{}", "true", $"[{right}]"]
            : ["7", "true", "null", "{}", "\"\"", "[]", "[7]", "[\"\"]", "[null]"];
        Assert.All(wrong, json => Assert.False(IsValid(Flat, With(key, json)), $"{key}: {json} is taken"));
        if (field.Values != FieldValues.OneOrList)
        {
            Assert.False(IsValid(Flat, With(key, field.Values == FieldValues.List ? Scalar(field) : $"[{right}]")), $"{key}: one value or a list");
        }

        if (field.Type is FieldType.Date or FieldType.Ip || field.Allowed is not null || field.Pattern is not null)
        {
            Assert.False(IsValid(Flat, With(key, field.Values == FieldValues.List ? "[\"odd one\"]" : "\"odd one\"")), $"{key}: any text");
        }

        if (field.Most is { } most) Assert.False(IsValid(Flat, With(key, $"{most + 1}")), $"{key}: more than {most}");
    }

    [Theory]
    [InlineData("@timestamp")]
    [InlineData("ecs.version")]
    [InlineData("event.dataset")]
    [InlineData("event.id")]
    [InlineData("event.kind")]
    public void An_event_without_a_field_that_none_is_without_is_none(string name)
    {
        var e = Least();
        e.Remove(name);

        Assert.False(IsValid(Flat, Encoding.UTF8.GetBytes(e.ToJsonString())));
        Assert.False(IsValid(Nested, InObjects(Encoding.UTF8.GetBytes(e.ToJsonString()))));
    }

    [Fact]
    public void Fields_that_are_required_are_those_that_privacy_rules_cannot_hide() => Assert.Equal(
        ["@timestamp", "ecs.version", "event.dataset", "event.id", "event.kind"],
        Vendor.EventFields.Where(f => f.IsRequired).Select(f => f.Name).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("host.name")]
    [InlineData("event.ingested")]
    [InlineData("intercom.metadata")]
    [InlineData("intercom.metadata.a.b")]
    [InlineData("labels")]
    [InlineData("acme")]
    public void A_field_that_the_mapping_does_not_write_is_none(string name) => Assert.False(IsValid(Flat, With(name, "\"x\"")), name);

    [Fact]
    public void Every_field_is_written_by_the_mapping()
    {
        var written = GoldenPair.Names.SelectMany(name => GoldenPair.Read(name).Events).SelectMany(e => e.Fields).Select(f => f.Key).ToHashSet();

        Assert.All(Vendor.EventFields.Except(AuditEvent.Fields), field => Assert.True(
            field.IsOpen ? written.Any(name => name.StartsWith(field.Name[..^1], StringComparison.Ordinal)) : written.Contains(field.Name), field.Name));
    }

    [Fact]
    public void Every_ECS_field_has_the_type_and_normalisation_of_ECS()
    {
        foreach (var field in Vendor.EventFields.Except(AuditEvent.Fields).Where(f => !EcsSchema.IsCustom(f.Name)))
        {
            var type = EcsSchema.TypeOf(field.Name);
            Assert.True(IsAlike(type, field.Type), $"{field.Name} is {type} in ECS");
            Assert.True(EcsSchema.IsArray(field.Name) == (field.Values == FieldValues.List), $"{field.Name}: array or not");
        }
    }

    [Fact]
    public void The_index_templates_have_the_same_fields_with_the_same_types()
    {
        var templates = new Dictionary<string, string>();
        var folder = Path.Combine(AppContext.BaseDirectory, "config", "elasticsearch");
        Add(Read("mappings.json")["template"]!["mappings"]!["properties"]!, "");
        foreach (var vendor in Vendor.Names) Add(Read($"sources/{vendor}.json")["properties"]!, "");

        Assert.All(Vendor.EventFields.Where(f => !f.IsOpen), field =>
            Assert.True(IsAlike(templates.GetValueOrDefault(field.Name), field.Type), $"{field.Name} is {templates.GetValueOrDefault(field.Name)} there"));

        // Elasticsearch adds these itself, or an ingest pipeline of the user.
        string[] added = ["event.ingested", "source.geo.", "source.as."];
        var known = Vendor.EventFields.Select(f => f.Name.TrimEnd('*')).ToList();
        Assert.DoesNotContain(templates.Keys, name => !added.Any(a => name.StartsWith(a, StringComparison.Ordinal))
            && !known.Any(k => k == name || (k.EndsWith('.') && name.StartsWith(k, StringComparison.Ordinal))));

        JsonNode Read(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, file)))!;

        void Add(JsonNode properties, string above)
        {
            foreach (var (name, property) in properties.AsObject())
            {
                if (property!["properties"] is { } below)
                {
                    Add(below, above + name + ".");
                }
                else if ((string?)property["type"] is { } type && type != "object")
                {
                    templates[above + name] = type;
                }
            }
        }
    }

    private static bool IsAlike(string? elasticsearch, FieldType type) => elasticsearch switch
    {
        "keyword" or "constant_keyword" => type == FieldType.Keyword,
        "match_only_text" => type == FieldType.Text,
        "date" => type == FieldType.Date,
        "ip" => type == FieldType.Ip,
        "long" => type == FieldType.Number,
        _ => false,
    };

    private static void AssertValid(ReadOnlyMemory<byte> flat)
    {
        Assert.True(IsValid(Flat, flat), Encoding.UTF8.GetString(flat.Span));
        Assert.True(IsValid(Nested, InObjects(flat)), Encoding.UTF8.GetString(flat.Span));
    }

    private static bool IsValid(JsonSchema schema, ReadOnlyMemory<byte> json) => schema.Evaluate(JsonNode.Parse(json.Span), Options).IsValid;

    private static byte[] InObjects(ReadOnlyMemory<byte> flat)
    {
        var nested = new ArrayBufferWriter<byte>();
        NestedEvent.Write(flat.Span, nested);
        return nested.WrittenSpan.ToArray();
    }

    private static JsonObject Least() => JsonNode.Parse(
        """
        {"@timestamp":"2026-11-21T20:00:00.000Z","ecs.version":"8.17.0","event.dataset":"intercom.audit","event.id":"1","event.kind":"event"}
        """)!.AsObject();

    private static byte[] With(string name, string json)
    {
        var e = Least();
        e[name] = JsonNode.Parse(json);
        return JsonSerializer.SerializeToUtf8Bytes(e);
    }

    private static string Right(EventField field) => field.Values == FieldValues.List ? $"[{Scalar(field)}]" : Scalar(field);

    private static string Scalar(EventField field) => field switch
    {
        { Allowed: [var first, ..] } => $"\"{first}\"",
        { Pattern: { } pattern } => $"\"{new string('a', pattern.Contains("64", StringComparison.Ordinal) ? 64 : 32)}\"",
        { Type: FieldType.Number } => "7",
        { Type: FieldType.Date } => "\"2026-11-21T20:00:00.1234567Z\"",
        { Type: FieldType.Ip } => "\"2001:db8::1\"",
        _ => "\"x\"",
    };
}
