using System.Globalization;
using System.Text.Json;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Transforms.Fields;
using ActivityConnector.Vendors;
using ActivityConnector.Warehouse;
using Parquet;
using Parquet.Schema;

namespace ActivityConnector.Tests.Warehouse;

/// <summary>The files of an export as a reader of Parquet finds them.</summary>
internal static class ParquetFolder
{
    /// <summary>The paths that a reader takes, relative to the folder: those that no part of begins with a dot.</summary>
    public static IReadOnlyList<string> Files(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file))
            .Where(file => !file.Split('/').Any(part => part.StartsWith('.'))).Order(StringComparer.Ordinal),
    ];

    /// <summary>Every row of every file.</summary>
    public static async Task<IReadOnlyList<ParquetRow>> ReadAsync(string folder)
    {
        var rows = new List<ParquetRow>();
        foreach (var file in Files(folder)) rows.AddRange(await ReadFileAsync(folder, file));

        return rows;
    }

    /// <summary>What a column must hold of an event, in the form of <see cref="ParquetRow.Columns"/>.</summary>
    public static string? Expected(EventField field, JsonElement e)
    {
        if (!e.TryGetProperty(field.Name, out var value)) return null;

        return field.Type == FieldType.Date ? Time(value.GetDateTimeOffset().UtcDateTime)
            : value.ValueKind == JsonValueKind.Array ? string.Join('\0', value.EnumerateArray().Select(v => v.GetString()))
            : value.ToString();
    }

    public static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture);

    private static async Task<IEnumerable<ParquetRow>> ReadFileAsync(string folder, string file)
    {
        await using var stream = File.OpenRead(Path.Combine(folder, file));
        await using var reader = await ParquetReader.CreateAsync(stream);
        using var group = reader.OpenRowGroupReader(0);
        Assert.Equal(1, reader.RowGroupCount);
        var columns = new Dictionary<string, string?[]>();
        foreach (var field in reader.Schema.DataFields) columns.Add(field.Path.FirstPart!, await ReadColumnAsync(group, field));

        return Enumerable.Range(0, (int)group.RowCount).Select(i => new ParquetRow(
            Path.GetDirectoryName(file)!, columns.ToDictionary(column => column.Key, column => column.Value[i])));
    }

    private static async Task<string?[]> ReadColumnAsync(ParquetRowGroupReader group, DataField field)
    {
        using var raw = await group.ReadRawColumnDataBaseAsync(field, CancellationToken.None);
        var values = raw switch
        {
            Parquet.Data.RawColumnData<DateTime> times => times.Values.ToArray().Select(Time),
            Parquet.Data.RawColumnData<long> numbers => numbers.Values.ToArray().Select(n => n.ToString(CultureInfo.InvariantCulture)),
            Parquet.Data.RawColumnData<ReadOnlyMemory<char>> texts => texts.Values.ToArray().Select(t => t.ToString()),
            _ => throw new InvalidDataException($"{field.Path} has an unexpected type."),
        };
        var (next, rows) = (new Queue<string>(values), new List<string?>());
        var definitions = field.MaxDefinitionLevel > 0 ? raw.DefinitionLevels.ToArray() : [.. Enumerable.Repeat(0, next.Count)];
        var repetitions = field.MaxRepetitionLevel > 0 ? raw.RepetitionLevels.ToArray() : new int[definitions.Length];
        for (var i = 0; i < definitions.Length; i++)
        {
            var value = definitions[i] == field.MaxDefinitionLevel ? next.Dequeue() : null;
            if (repetitions[i] == 0)
            {
                rows.Add(value);
            }
            else
            {
                rows[^1] += "\0" + value;
            }
        }

        return [.. rows];
    }
}

/// <summary>One row.</summary>
/// <param name="Partition">The folder of its file, relative to the whole.</param>
/// <param name="Columns">Each column's value as text; those of a list with U+0000 between; null = none.</param>
internal sealed record ParquetRow(string Partition, IReadOnlyDictionary<string, string?> Columns)
{
    public string Id => Columns[EventColumns.DocumentId]!;

    public string Json => Columns[EventColumns.EventJson]!;
}
