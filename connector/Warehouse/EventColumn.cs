using System.Text.Json;
using ActivityConnector.Transforms.Fields;
using Parquet;
using Parquet.Schema;

namespace ActivityConnector.Warehouse;

/// <summary>
/// One column of a file and its values for one group of rows. A value that is missing, or is not of the column's type, is null: the column with the
/// whole event has it all the same.
/// </summary>
/// <remarks>
/// Times have milliseconds: Parquet.Net 6.1 writes the bounds of a microseconds column a thousand times too small, and readers would skip rows by them.
/// Not thread-safe.
/// </remarks>
internal sealed class EventColumn
{
    private readonly FieldType _type;
    private readonly bool _isList;
    private readonly List<ReadOnlyMemory<char>> _texts = [];
    private readonly List<long> _numbers = [];
    private readonly List<DateTime> _times = [];
    private readonly List<int> _definitions = [];
    private readonly List<int> _repetitions = [];

    /// <param name="isRequired">Whether every row has a value.</param>
    public EventColumn(string name, FieldType type, bool isList = false, bool isRequired = false)
    {
        (_type, _isList) = (type, isList);
        DataField value = type switch
        {
            FieldType.Date => new DateTimeDataField(
                name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, unit: DateTimeTimeUnit.Millis, isNullable: !isRequired),
            FieldType.Number => new DataField(name, typeof(long), isNullable: !isRequired),
            _ => new DataField(isList ? ListField.ElementName : name, typeof(string), isNullable: !isRequired && !isList),
        };
        Field = isList ? new ListField(name, value) : value;
    }

    /// <summary>The column as a file's schema has it.</summary>
    public Field Field { get; }

    /// <summary>The column of a field of events; its name has <c>_</c> for each dot, which no warehouse has to quote.</summary>
    public static EventColumn Of(EventField field) => new(NameOf(field), field.Type, field.Values == FieldValues.List);

    /// <summary><c>user.email</c> is <c>user_email</c>, and <c>@timestamp</c> is <c>timestamp</c>.</summary>
    public static string NameOf(EventField field) => field.Name.TrimStart('@').Replace('.', '_');

    public void Clear()
    {
        _texts.Clear();
        _numbers.Clear();
        _times.Clear();
        _definitions.Clear();
        _repetitions.Clear();
    }

    /// <summary>Adds a row's text.</summary>
    public void Add(string text) => Add(text, repetition: 0);

    /// <summary>Adds a row's time, cut to milliseconds.</summary>
    public void Add(DateTimeOffset time)
    {
        _times.Add(new DateTime(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc));
        AddLevels(1, 0);
    }

    /// <summary>Adds a row's value; null = the event does not have the field.</summary>
    public void Add(JsonElement? value)
    {
        if (_isList)
        {
            AddList(value);
        }
        else if (_type == FieldType.Date && value is { ValueKind: JsonValueKind.String } text && text.TryGetDateTimeOffset(out var time))
        {
            Add(time);
        }
        else if (_type == FieldType.Number && value is { ValueKind: JsonValueKind.Number } whole && whole.TryGetInt64(out var number))
        {
            _numbers.Add(number);
            AddLevels(1, 0);
        }
        else if (_type is not (FieldType.Date or FieldType.Number) && TextOf(value) is { } one)
        {
            Add(one);
        }
        else
        {
            AddLevels(0, 0);
        }
    }

    /// <summary>Writes the values as the file's next column.</summary>
    public async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken)
    {
        var field = _isList ? (DataField)((ListField)Field).Item : (DataField)Field;
        ReadOnlyMemory<int>? definitions = null;
        ReadOnlyMemory<int>? repetitions = null;
        if (field.MaxDefinitionLevel > 0) definitions = _definitions.Select(d => d * field.MaxDefinitionLevel).ToArray();

        if (_isList) repetitions = _repetitions.ToArray();

        await (_type switch
        {
            FieldType.Date => group.WriteAllPartsAsync<DateTime>(field, _times.ToArray(), definitions, repetitions, cancellationToken),
            FieldType.Number => group.WriteAllPartsAsync<long>(field, _numbers.ToArray(), definitions, repetitions, cancellationToken),
            _ => group.WriteAllPartsAsync<ReadOnlyMemory<char>>(field, _texts.ToArray(), definitions, repetitions, cancellationToken),
        });
    }

    private void AddList(JsonElement? value)
    {
        var values = value is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(item => TextOf(item)) : [TextOf(value)];
        var count = 0;
        foreach (var text in values.OfType<string>()) Add(text, repetition: count++ == 0 ? 0 : 1);

        if (count == 0) AddLevels(0, 0);
    }

    private void Add(string text, int repetition)
    {
        _texts.Add(text.AsMemory());
        AddLevels(1, repetition);
    }

    /// <param name="definition">1 for a value, 0 for none.</param>
    /// <param name="repetition">1 for a further value of the same row.</param>
    private void AddLevels(int definition, int repetition)
    {
        _definitions.Add(definition);
        _repetitions.Add(repetition);
    }

    private static string? TextOf(JsonElement? value)
    {
        try
        {
            return value is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in an escape, which JSON allows.
            return null;
        }
    }
}
