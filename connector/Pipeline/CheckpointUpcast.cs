using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActivityConnector.Pipeline;

/// <summary>One pure step for each change of a checkpoint's meaning: the older JSON in, the next version's JSON out.</summary>
internal static class CheckpointUpcast
{
    /// <summary>
    /// Version 0, of the pre-releases: flat, windows only, without <c>sum</c>. It did not keep the span, so the next window starts with a day.
    /// </summary>
    public static JsonObject FromV0(JsonObject v0)
    {
        var committedAt = Text("committed_at");
        var window = new JsonObject
        {
            ["watermark"] = Number("watermark"),
            ["span_s"] = 86_400,
            ["lookback_s"] = Number("lookback_s"),
            ["settle_s"] = Number("settle_s"),
            ["backfill_from"] = Number("backfill_from"),
        };
        return new JsonObject
        {
            ["v"] = 1,
            ["kind"] = "window",
            ["source"] = new JsonObject
            {
                ["type"] = Text("source"),
                ["account"] = Text("account"),
                ["api_version"] = null,
                ["config_hash"] = null,
            },
            ["seq"] = Number("seq"),
            ["committed_at"] = committedAt,
            ["writer"] = new JsonObject { ["version"] = "0", ["instance"] = "" },
            ["window"] = window,
            ["cursor"] = null,
            ["sweep"] = new JsonObject { ["completed_to"] = null, ["late_total"] = 0 },
            ["totals"] = new JsonObject { ["published"] = (long?)v0["published"] ?? 0 },
            ["last"] = null,
        };

        string Text(string name) => v0[name]?.GetValue<string>() ?? throw new JsonException($"Its {name} is missing.");
        long Number(string name) => v0[name]?.GetValue<long>() ?? throw new JsonException($"Its {name} is missing.");
    }
}
