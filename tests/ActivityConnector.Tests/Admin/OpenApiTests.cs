using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Admin;

/// <summary>The API's own description is what the API does.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task Every_answer_has_the_members_and_types_that_the_description_gives_it()
    {
        await using var scene = await AdminScene.OpenAsync();
        scene.Scene.AddTooLarge(2);
        await scene.StartAsync();
        await scene.ChangeAsync(HttpMethod.Put, "/api/v1/sources/sequence/pause");
        var description = await scene.GetAsync("/openapi.json");
        var letter = (await scene.GetAsync("/api/v1/dead-letters"))["dead_letters"]![0]!["id"]!.GetValue<string>();
        var backfill = await RangeAsync(scene, "backfills", "2026-08-01T00:00:00Z", "2026-09-01T00:00:00Z");
        var sweep = await RangeAsync(scene, "sweeps", "2026-10-10T00:00:00Z", "2026-10-11T00:00:00Z");
        var asked = 0;
        foreach (var (path, operations) in description["paths"]!.AsObject())
        {
            Assert.All(operations!.AsObject(), operation => Assert.False(string.IsNullOrWhiteSpace(operation.Value!["summary"]?.GetValue<string>()), path));
            if (operations["get"]?["responses"]?["200"]?["content"]?["application/json"]?["schema"] is not { } schema) continue;

            var id = path.Contains("backfills", StringComparison.Ordinal) ? backfill : path.Contains("sweeps", StringComparison.Ordinal) ? sweep : letter;
            var answer = await scene.GetAsync(path.Replace("{name}", "intercom", StringComparison.Ordinal).Replace("{id}", id, StringComparison.Ordinal));
            AssertFits(answer, schema, description, path);
            asked++;
        }

        Assert.True(asked >= 6, $"Only {asked} answers are described.");
    }

    [Fact]
    public async Task The_description_names_every_change_with_its_failures()
    {
        await using var scene = await AdminScene.OpenAsync();
        await scene.StartAsync();
        var paths = (await scene.GetAsync("/openapi.json"))["paths"]!;
        foreach (var (path, method) in ((string, string)[])
            [
                ("/api/v1/sources/{name}/pause", "put"), ("/api/v1/sources/{name}/resume", "put"), ("/api/v1/sources/{name}/run", "post"),
                ("/api/v1/sources/{name}/checkpoint", "patch"), ("/api/v1/sources/{name}/checkpoint", "delete"),
                ("/api/v1/dead-letters/{id}", "delete"), ("/api/v1/dead-letters/{id}/replay", "post"), ("/api/v1/dead-letters/replay", "post"),
                ("/api/v1/backfills", "post"), ("/api/v1/backfills/{id}", "delete"), ("/api/v1/sweeps", "post"), ("/api/v1/sweeps/{id}", "delete"),
            ])
        {
            var responses = paths[path]?[method]?["responses"]?.AsObject();
            Assert.True(responses is not null, $"{method} {path} is not described.");
            Assert.True(responses.ContainsKey("409") || responses.ContainsKey("404"), $"{method} {path} has no failure.");
        }
    }

    private static async Task<string> RangeAsync(AdminScene scene, string kind, string from, string to) =>
        (await scene.ChangeAsync(HttpMethod.Post, $"/api/v1/{kind}", new { source = "intercom", from, to }))!["id"]!.GetValue<string>();

    private static void AssertFits(JsonNode? value, JsonNode schema, JsonNode description, string place)
    {
        if (schema["$ref"] is { } reference)
        {
            var name = reference.GetValue<string>().Split('/')[^1];
            AssertFits(value, description["components"]!["schemas"]![name]!, description, place);
            return;
        }

        if (schema["oneOf"] is JsonArray choices)
        {
            if (value is not null) AssertFits(value, choices.First(choice => choice!["type"]?.ToString() != "null")!, description, place);

            return;
        }

        switch (value)
        {
            case JsonObject members when schema["properties"] is JsonObject properties:
                Assert.Equal(
                    properties.Select(p => p.Key).Order(StringComparer.Ordinal), members.Select(m => m.Key).Order(StringComparer.Ordinal));
                foreach (var (name, member) in members) AssertFits(member, properties[name]!, description, $"{place}.{name}");

                break;
            case JsonArray elements:
                foreach (var element in elements) AssertFits(element, schema["items"]!, description, $"{place}[]");

                break;
            case null:
                Assert.True(schema["type"] is JsonArray types && types.Any(t => t!.GetValue<string>() == "null"), $"{place} is null.");
                break;
        }
    }
}
