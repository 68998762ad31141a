using System.Globalization;
using System.Text;

namespace ActivityConnector.Tests.World;

/// <summary>What a record says of its time.</summary>
internal enum RecordTimeKind
{
    /// <summary>A time that can be read.</summary>
    Dated,

    /// <summary>No time member.</summary>
    Missing,

    /// <summary>Null.</summary>
    Null,

    /// <summary>Text that is no time.</summary>
    Words,

    /// <summary>A text that cannot be decoded: a lone surrogate.</summary>
    Surrogate,

    /// <summary>A number that no clock shows.</summary>
    Absurd,
}

/// <summary>
/// How the vendor's serializer writes records at a moment. None of it changes what a record says, but for <see cref="HasRegion"/>, which adds to it.
/// </summary>
/// <param name="IsReversed">Members in the other order, with white space between.</param>
/// <param name="HasNulls">A member that is null.</param>
/// <param name="HasRegion">A new member with a value.</param>
internal readonly record struct RecordForm(bool IsReversed, bool HasNulls, bool HasRegion);

/// <summary>
/// One record of a generated vendor, with its whole life: when it came about, from when to when it is visible, and how often what it says
/// was changed. Every text that an event keeps of it holds a mark with its version.
/// </summary>
internal sealed class VendorRecord
{
    public required string Id { get; init; }

    /// <summary>When it came about: its place in the vendor's order, whatever time it shows.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>From when on the vendor shows it.</summary>
    public required DateTimeOffset VisibleFrom { get; init; }

    /// <summary>From when on the vendor shows it no more.</summary>
    public DateTimeOffset RemovedAt { get; set; } = DateTimeOffset.MaxValue;

    public RecordTimeKind TimeKind { get; init; }

    /// <summary>The time it shows, if it shows one.</summary>
    public required DateTimeOffset Time { get; set; }

    /// <summary>When <see cref="Time"/> was changed for the last time.</summary>
    public DateTimeOffset RedatedAt { get; set; } = DateTimeOffset.MinValue;

    /// <summary>The credential may not see it: the vendor leaves it out after paging.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Holds a quote that is not escaped: the page is no JSON because of it.</summary>
    public bool IsBroken { get; init; }

    /// <summary>A name in it cannot be decoded.</summary>
    public bool HasSurrogate { get; init; }

    /// <summary>The account it names, where records name one.</summary>
    public required string Account { get; init; }

    /// <summary>The version of the record itself, or of each of its items.</summary>
    public List<int> Versions { get; } = [];

    /// <summary>Its parts, each of which becomes an event; none = it becomes one itself.</summary>
    public int Items { get; set; }

    /// <summary>How many of them it had from the beginning.</summary>
    public int FirstItems { get; init; }

    public bool IsDated => TimeKind == RecordTimeKind.Dated;

    /// <summary>The ids of the events that it is from the beginning.</summary>
    public IEnumerable<string> FirstEventIds => Items == 0 ? [Id] : Enumerable.Range(0, FirstItems).Select(EventId);

    public bool IsVisible(DateTimeOffset at) => VisibleFrom <= at && at < RemovedAt;

    public string EventId(int item) => Items == 0 ? Id : string.Create(CultureInfo.InvariantCulture, $"{Id}i{item}");

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Id} created {Created:s} visible {VisibleFrom:s} says {(IsDated ? Time.ToString("s", CultureInfo.InvariantCulture) : TimeKind)}"
        + $"{(Items > 0 ? $" items {Items}" : "")}{(IsHidden ? " hidden" : "")}{(IsBroken ? " broken" : "")}"
        + $"{(HasSurrogate ? " surrogate" : "")}{(RemovedAt < DateTimeOffset.MaxValue ? $" removed {RemovedAt:s}" : "")}");

    /// <summary>As Intercom writes it.</summary>
    public string ToIntercom(RecordForm form, bool isMended)
    {
        var quote = IsBroken && !isMended ? "\"" : "'";
        var name = HasSurrogate ? "\\ud800" : "Ann";
        List<string> members =
        [
            $"\"id\":\"{Id}\"",
            $$"""
            "performed_by":{"type":"admin","id":"93","email":"ann@example.com","ip":"198.51.100.7","name":"{{name}}"}
            """,
            """
            "metadata":{"enabled":true}
            """,
            "\"activity_type\":\"app_name_change\"",
            $"\"activity_description\":\"{Mark(0)} {quote}said{quote} so\"",
        ];
        if (TimeJson(isSeconds: true) is { } time) members.Add("\"created_at\":" + time);

        return Write(members, form);
    }

    /// <summary>As Sequence writes it.</summary>
    public string ToSequence(RecordForm form, bool isMended)
    {
        var quote = IsBroken && !isMended ? "\"" : "'";
        var name = HasSurrogate ? "\\ud800" : "Ann";
        List<string> members =
        [
            $"\"id\":\"{Id}\"",
            $"\"sequenceAccountId\":\"{Account}\"",
            $"\"activityType\":\"{(Items == 0 ? Mark(0) : "NOTIFICATION")}\"",
            $"\"origin\":\"{quote}API{quote} {name}\"",
            $"\"activityLogItems\":[{string.Join(',', Enumerable.Range(0, Items).Select(i => ItemJson(i, form)))}]",
        ];
        if (TimeJson(isSeconds: false) is { } time) members.Add("\"createdAt\":" + time);

        return Write(members, form);
    }

    private string ItemJson(int item, RecordForm form) => Write(
        [
            $"\"id\":\"{EventId(item)}\"",
            $"\"activityLogId\":\"{Id}\"",
            "\"verb\":\"CREATED\"",
            "\"name\":\"Invoice Created\"",
            $"\"summary\":\"{Mark(item)}\"",
            """
            "activityLogActor":{"id":"a1","entityType":"USER","email":"ann@example.com"}
            """,
            """
            "activityLogObject":{"id":"o1","entityType":"INVOICE"}
            """,
        ],
        form with { HasRegion = false });

    private string Mark(int item) => string.Create(CultureInfo.InvariantCulture, $"~{EventId(item)}.{Versions[item]}~");

    private string? TimeJson(bool isSeconds) => TimeKind switch
    {
        RecordTimeKind.Missing => null,
        RecordTimeKind.Null => "null",
        RecordTimeKind.Words => "\"soon\"",
        RecordTimeKind.Surrogate => "\"2026-01-01T\\ud800\"",
        RecordTimeKind.Absurd => "1e400",
        _ when isSeconds => Time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        _ => $"\"{Time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture)}\"",
    };

    private static string Write(List<string> members, RecordForm form)
    {
        if (form.HasNulls) members.Insert(1, "\"via\":null");

        if (form.HasRegion) members.Add("\"region\":\"eu\"");

        if (form.IsReversed) members.Reverse();

        var text = new StringBuilder("{");
        text.AppendJoin(form.IsReversed ? ", " : ",", members.Select(m => m.Trim()));
        return text.Append('}').ToString();
    }
}
