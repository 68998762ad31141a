using System.Buffers;
using System.Globalization;
using System.Text;
using ActivityConnector.Transforms;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>The lines of a bulk request: for each event what to do with it, and the event with the time at which this sink sent it.</summary>
/// <remarks>Not thread-safe. Keeps its buffer for the next request.</remarks>
internal sealed class BulkBody(bool nested)
{
    private readonly ArrayBufferWriter<byte> _lines = new();
    private readonly ArrayBufferWriter<byte> _flat = new();

    /// <summary>Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Of(IReadOnlyList<PendingEvent> events, DateTimeOffset now)
    {
        var ingested = Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $",\"event.ingested\":\"{now.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}\"}}"));
        _lines.ResetWrittenCount();
        foreach (var pending in events)
        {
            // Neither name needs escapes: one is of the configuration and the transforms, the other hex digits.
            _lines.Write("{\"create\":{\"_index\":\""u8);
            Write(pending.Target);
            _lines.Write("\",\"_id\":\""u8);
            Write(pending.Event.Id);
            _lines.Write("\"}}\n"u8);
            if (nested)
            {
                _flat.ResetWrittenCount();
                Event(_flat, pending.Event.Json.Span, ingested);
                NestedEvent.Write(_flat.WrittenSpan, _lines);
            }
            else
            {
                Event(_lines, pending.Event.Json.Span, ingested);
            }

            _lines.Write("\n"u8);
        }

        return _lines.WrittenMemory;
    }

    // The brace that closes the event gives way.
    private static void Event(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> json, ReadOnlySpan<byte> ingested)
    {
        output.Write(json[..^1]);
        output.Write(ingested);
    }

    private void Write(string text) => _lines.Advance(Encoding.UTF8.GetBytes(text, _lines.GetSpan(text.Length * 3)));
}
