using System.Diagnostics;
using System.Globalization;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;
using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>A record of an events topic as it is read back: anybody who may write to the topic can have written it.</summary>
/// <param name="Event">The event; null when it is none of this connector's.</param>
/// <param name="Trouble">Why it is none, without a value of the record; null when it is one.</param>
internal readonly record struct FoundEvent(JournalEvent? Event, string? Trouble)
{
    private const int IdDigits = 40;

    /// <param name="vendor">Whose topic it is.</param>
    /// <param name="position">The position that the event gets.</param>
    /// <param name="trace">What spans about it name; null = they have no listener.</param>
    public static FoundEvent Of(Message<byte[], byte[]?> message, string vendor, long position, EventTrace? trace = null)
    {
        var headers = message.Headers;
        if (message.Value is not { } value) return None("it has no value");
        if (EventRecord.SourceOf(headers) is not { } source || source.Source != vendor) return None($"its header ce_source names no account of {vendor}");
        if (HeaderText.Read(headers, EventRecord.Id) is not { Length: IdDigits } id || !id.All(char.IsAsciiHexDigitLower))
        {
            return None("its header ce_id is no id");
        }

        if (!DateTimeOffset.TryParseExact(
            HeaderText.Read(headers, EventRecord.Time), "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time))
        {
            return None("its header ce_time is no time");
        }

        var json = FramedValue.JsonOf(value);
        return FlatEvent.Trouble(json.Span) is { } trouble
            ? None(trouble)
            : new(
                new JournalEvent(position, source, id, time, HeaderText.Read(headers, EventRecord.OwnTraceId), CommittedAt(message), json)
                {
                    Trace = trace is null || !ActivityContext.TryParse(HeaderText.Read(headers, EventRecord.TraceParentName), null, out var context)
                        ? trace
                        : trace with { Context = context },
                },
                null);
    }

    /// <summary>The message's time, in UTC; the bounds of what a time can be where it is none.</summary>
    public static DateTimeOffset CommittedAt(Message<byte[], byte[]?> message) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(
        message.Timestamp.UnixTimestampMs, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

    private static FoundEvent None(string trouble) => new(null, trouble);
}
