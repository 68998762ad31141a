using System.Text.Json;

namespace ActivityConnector.Detections;

/// <summary>The values of one flat event by field, as text. Immutable.</summary>
internal sealed class EventValues
{
    private static readonly DateTimeOffset NoTime = DateTimeOffset.UnixEpoch;

    private readonly Dictionary<string, IReadOnlyList<string>> _values = [];

    /// <param name="json">An event in the flat form: an object of scalars and arrays of scalars.</param>
    public EventValues(ReadOnlyMemory<byte> json)
    {
        using var parsed = JsonDocument.Parse(json);
        foreach (var field in parsed.RootElement.EnumerateObject())
        {
            _values[field.Name] = field.Value.ValueKind == JsonValueKind.Array
                ? [.. field.Value.EnumerateArray().Select(value => value.ToString())]
                : [field.Value.ToString()];
        }

        Time = this["@timestamp"] is [var time] ? DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture) : NoTime;
    }

    /// <summary>When the activity happened: <c>@timestamp</c>.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The values of a field; none when the event has no such field.</summary>
    public IReadOnlyList<string> this[string field] => _values.GetValueOrDefault(field, []);
}
