using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ActivityConnector.Configuration;

namespace ActivityConnector.Tests.Configuration;

/// <summary>What <c>config/connector.json</c> and its schema must hold, made from the options types and their docstrings.</summary>
internal static class DeliveredFiles
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { OnlyWhatCanBeSet } },
        Converters = { new EnumNames() },
    };

    public static string Root { get; } = FindRoot();

    public static string Defaults()
    {
        var options = new ConnectorOptions { Sources = new() { Intercom = [new()], Sequence = [new()] } };
        var json = JsonSerializer.SerializeToNode(options, Json)!.AsObject();
        var sources = json["Sources"]!.AsObject();
        foreach (var (vendor, accounts) in sources.ToList()) sources[vendor] = accounts![0]!.DeepClone();

        json.Insert(0, "$schema", "./connector.schema.json");
        return json.ToJsonString(Json) + "\n";
    }

    public static string Schema()
    {
        var schema = Json.GetJsonSchemaAsNode(typeof(ConnectorOptions), new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = Transform,
        }).AsObject();
        schema["properties"]!.AsObject().Insert(0, "$schema", new JsonObject { ["type"] = "string" });
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Configuration of Activity Connector");
        return schema.ToJsonString(Json) + "\n";
    }

    private static void OnlyWhatCanBeSet(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(p => p.Set is null).ToList()) type.Properties.Remove(property);
    }

    private static JsonObject Transform(JsonSchemaExporterContext context, JsonNode node)
    {
        var schema = node.AsObject();
        var type = context.TypeInfo.Type;
        if (schema.ContainsKey("properties")) schema["additionalProperties"] = false;

        if (OptionTypes.ElementOf(type) is { } element && !OptionTypes.IsScalar(element))
        {
            var one = schema["items"]!;
            schema = new JsonObject { ["anyOf"] = new JsonArray(one.DeepClone(), new JsonObject { ["type"] = "array", ["items"] = one.DeepClone() }) };
        }

        if (type == typeof(TimeSpan) || type == typeof(TimeSpan?)) schema["pattern"] = @"^((\d+\.)?\d{2}:\d{2}:\d{2}|\d+[smhd])$";

        if (context.PropertyInfo?.AttributeProvider is PropertyInfo property)
        {
            if (property.GetCustomAttribute<RangeAttribute>() is { OperandType: var operand } range && operand != typeof(TimeSpan))
            {
                schema["minimum"] = JsonValue.Create(Convert.ToInt64(range.Minimum, null));
                if (range.Maximum is not >= (double)long.MaxValue)
                {
                    schema["maximum"] = JsonValue.Create(Convert.ToInt64(range.Maximum, null));
                }
            }

            if (OptionTypes.UnitOf(property) == "bytes")
            {
                var types = schema["type"] is JsonArray several ? several.Select(t => (string)t!).ToArray() : [(string)schema["type"]!];
                schema["type"] = new JsonArray([.. types, "string"]);
                schema["pattern"] = "^[0-9]+([KMGT]i?B)?$";
            }

            schema.Insert(0, "description", Docstrings.Plain(Docstrings.Of(property)));
        }

        return schema;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "ActivityConnector.sln"))) folder = folder.Parent;

        return folder.FullName;
    }

    /// <summary>Enums as configuration writes them.</summary>
    private sealed class EnumNames : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            new JsonStringEnumConverter(new AsConfigured(typeToConvert)).CreateConverter(typeToConvert, options);

        private sealed class AsConfigured(Type type) : JsonNamingPolicy
        {
            public override string ConvertName(string name) => OptionTypes.NameOf((Enum)Enum.Parse(type, name));
        }
    }
}
