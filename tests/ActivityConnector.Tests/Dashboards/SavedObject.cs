using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>An object as the import of Kibana and of OpenSearch Dashboards takes it.</summary>
internal sealed record SavedObject(string Type, string Id, JsonObject Attributes, IReadOnlyList<SavedObjectReference> References)
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Attributes that hold JSON as a text.</summary>
    public static string Text(JsonNode json) => json.ToJsonString(Json);

    /// <summary>The attribute that holds the query of a search or a panel.</summary>
    /// <param name="index">The name of the reference to the data view; null when there is none.</param>
    public static JsonObject SearchSource(string query, string? index)
    {
        var source = new JsonObject { ["query"] = Lucene(query), ["filter"] = new JsonArray() };
        if (index is not null) source["indexRefName"] = index;

        return new() { ["searchSourceJSON"] = Text(source) };
    }

    public static JsonObject Lucene(string query) => new() { ["query"] = query, ["language"] = "lucene" };

    /// <param name="versions">What says which version's form the object has.</param>
    public string Line(JsonObject versions)
    {
        var line = new JsonObject
        {
            ["id"] = Id,
            ["type"] = Type,
            ["attributes"] = Attributes.DeepClone(),
            ["references"] = new JsonArray([
                .. References.Select(reference => new JsonObject { ["name"] = reference.Name, ["type"] = reference.Type, ["id"] = reference.Id }),
            ]),
        };
        foreach (var (name, value) in versions) line[name] = value!.DeepClone();

        return line.ToJsonString(Json) + "\n";
    }
}

/// <summary>An object that another one needs, under the name that the other one uses.</summary>
internal sealed record SavedObjectReference(string Name, string Type, string Id);
