using System.Globalization;
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

    /// <summary>
    /// Version 1 named the sort order and the filters of a cursor, which never vary, and kept older cursors without their times. It did not keep
    /// when a sweep began, nor which commits a cursor can still reach.
    /// </summary>
    public static JsonObject FromV1(JsonObject v1)
    {
        var fields = v1.DeepClone().AsObject();
        fields["v"] = 2;
        if (v1["source"] is JsonObject source)
        {
            fields["source"] = new JsonObject { ["type"] = source["type"]?.DeepClone(), ["account"] = source["account"]?.DeepClone() };
        }

        if (fields["sweep"] is JsonObject sweep) sweep["began_at"] = v1["committed_at"]?.DeepClone();

        if (v1["cursor"] is JsonObject old)
        {
            var head = (string?)old["head"];
            var at = head is null ? 0 : DateTimeOffset.Parse(head, CultureInfo.InvariantCulture).ToUnixTimeSeconds();
            fields["cursor"] = new JsonObject
            {
                ["after"] = old["after"]?.DeepClone(),
                ["at"] = old["after"] is null ? null : at,
                ["floor"] = 0,
                ["days"] = new JsonArray([.. (old["fallback"]?.AsArray() ?? []).Select(after =>
                    new JsonObject { ["after"] = after?.DeepClone(), ["at"] = at, ["floor"] = 0 })]),
                ["limit"] = old["limit"]?.DeepClone(),
                ["accounts"] = new JsonArray(),
                ["head"] = head,
                ["backfill_from"] = old["backfill_from"]?.DeepClone(),
            };
        }

        return fields;
    }
}
