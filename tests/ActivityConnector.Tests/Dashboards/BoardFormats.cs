using System.Globalization;
using System.Text.Json.Nodes;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>How values look: colours of severities, seconds as durations. Kibana and OpenSearch Dashboards have one form for it.</summary>
internal static class BoardFormats
{
    public static JsonObject Of(Board board)
    {
        var formats = new JsonObject
        {
            ["event.severity"] = new JsonObject
            {
                ["id"] = "color",
                ["params"] = new JsonObject
                {
                    ["fieldType"] = "number",
                    ["colors"] = new JsonArray([
                        .. board.Severities.Select(severity => new JsonObject
                        {
                            ["range"] = string.Create(CultureInfo.InvariantCulture, $"{severity.From}:{severity.To}"),
                            ["regex"] = "<insert regex>",
                            ["text"] = "#000000",
                            ["background"] = severity.Color,
                        }),
                    ]),
                },
            },
        };
        foreach (var delay in board.Delays)
        {
            formats[delay.Name] = new JsonObject { ["id"] = "number", ["params"] = new JsonObject { ["pattern"] = "0,0.0" } };
        }

        return formats;
    }
}
