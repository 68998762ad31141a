using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>Where an event goes, decided by the event alone: the same one always to the same place, whatever the clock says.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Targets(ElasticsearchOptions options)
{
    private const string Undated = "undated";

    private readonly Dictionary<(string Source, int Month), string> _names = [];

    private static ReadOnlySpan<byte> TagsField => "\"tags\":["u8;

    /// <summary>
    /// The index of the month it happened in. One of its own where the vendor gave no time, because the time it was received at changes, or one
    /// that cannot be right (<c>_timestamp_suspect</c>): a record dated 2031 makes no index. Or the data stream.
    /// </summary>
    public string Of(JournalEvent e)
    {
        return Of(e.Source.Source, options.Mode == ElasticsearchMode.Datastream || !HasTime(e) ? null : e.Time);
    }

    /// <summary>As above, for an event of a vendor with this time; null = without one.</summary>
    public string Of(string vendor, DateTimeOffset? time)
    {
        var month = time is { UtcDateTime: var at } ? (at.Year * 100) + at.Month : 0;
        if (!_names.TryGetValue((vendor, month), out var name))
        {
            _names[(vendor, month)] = name = options.Mode == ElasticsearchMode.Datastream
                ? $"{options.Prefix}-{EcsEvent.DatasetOf(vendor)}-{options.Namespace ?? "default"}"
                : $"{options.Prefix}-{EcsEvent.DatasetOf(vendor)}."
                    + (month == 0 ? Undated : string.Create(CultureInfo.InvariantCulture, $"{month / 100:0000}.{month % 100:00}"));
        }

        return name;
    }

    /// <summary>For each index pattern of the plan's template, the name that an event of now would go to.</summary>
    public static IEnumerable<string> Examples(IReadOnlyList<SetupStep> plan, ElasticsearchOptions options, DateTimeOffset now)
    {
        var last = options.Mode == ElasticsearchMode.Datastream
            ? options.Namespace ?? "default"
            : now.UtcDateTime.ToString("yyyy.MM", CultureInfo.InvariantCulture);
        return JsonNode.Parse(plan[^1].Body)!["index_patterns"]!.AsArray().Select(pattern => pattern!.GetValue<string>().TrimEnd('*') + last);
    }

    /// <summary>Whether the index is deleted as soon as it is made: all it could hold is older than what is kept.</summary>
    /// <param name="now">Not later than the newest commit: a wrong clock must not leave out what is young.</param>
    public bool IsExpired(JournalEvent e, DateTimeOffset now) => IsExpired(e.Time, now) && HasTime(e);

    /// <summary>As above, for an event that has a time of the vendor's.</summary>
    public bool IsExpired(DateTimeOffset time, DateTimeOffset now) =>
        options is { Mode: ElasticsearchMode.Month, Retention: { } kept } && EndOfMonth(time) < now - kept;

    /// <summary>A name or pattern that stands for every index that events of a vendor go to, or have gone to.</summary>
    public string All(string vendor) => options.Mode == ElasticsearchMode.Datastream
        ? $"{options.Prefix}-{EcsEvent.DatasetOf(vendor)}-{options.Namespace ?? "default"}"
        : $"{options.Prefix}-{EcsEvent.DatasetOf(vendor)}.*";

    /// <summary>The end of an index's month: from when its age counts. Null for one without a month.</summary>
    public static DateTimeOffset? EndOf(string index) =>
        DateTimeOffset.TryParseExact(
            index[(index.Length < 7 ? 0 : index.Length - 7)..],
            "yyyy.MM",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var month)
            ? EndOfMonth(month)
            : null;

    private static DateTimeOffset EndOfMonth(DateTimeOffset time)
    {
        var start = new DateTimeOffset(time.UtcDateTime.Year, time.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);
        return start.Ticks < DateTimeOffset.MaxValue.Ticks - TimeSpan.FromDays(31).Ticks ? start.AddMonths(1) : DateTimeOffset.MaxValue;
    }

    // In a flat event a name with its quotes and colon stands nowhere but as a name: inside a text the quotes have backslashes.
    private static bool HasTime(JournalEvent e)
    {
        var json = e.Json.Span;
        var at = json.IndexOf(TagsField);
        if (at < 0) return true;

        var tags = new Utf8JsonReader(json[(at + TagsField.Length - 1)..]);
        tags.Read();
        while (tags.Read() && tags.TokenType == JsonTokenType.String)
        {
            if (tags.ValueTextEquals("_timestamp_fallback"u8) || tags.ValueTextEquals("_timestamp_suspect"u8)) return false;
        }

        return true;
    }
}
