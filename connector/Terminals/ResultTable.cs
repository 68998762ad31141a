using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActivityConnector.Terminals;

/// <summary>Rows for a person (a table), a pipe (values with tabs between, no head) or a program (a JSON array of objects).</summary>
/// <param name="columns">Their names: members in JSON, heads with spaces for underscores in a table.</param>
internal sealed class ResultTable(params string[] columns)
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<object?[]> _rows = [];

    /// <summary>The most characters of a cell for a person or a pipe; JSON has it whole.</summary>
    public int MostOfCell { get; init; } = 1_000;

    /// <summary>The columns that are left out of a table where the terminal is too narrow, the least important first.</summary>
    public IReadOnlyList<string> GiveWay { get; init; } = [];

    /// <summary>The sentence, on standard error, that stands for a table without rows. JSON is an empty array.</summary>
    public string WhenEmpty { get; init; } = "There is nothing to show.";

    /// <summary>Adds a row; a cell is a text, a number, a time, a duration, a truth value or null.</summary>
    public void Add(params object?[] cells) => _rows.Add(cells);

    public void Write(Terminal terminal, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            terminal.WriteData(Json());
        }
        else if (_rows.Count == 0)
        {
            terminal.WriteError(WhenEmpty);
        }
        else if (format == OutputFormat.Lines)
        {
            foreach (var row in _rows) terminal.Out.WriteLine(string.Join('\t', row.Select(cell => Cell(cell))));
        }
        else
        {
            WriteTable(terminal);
        }
    }

    private void WriteTable(Terminal terminal)
    {
        var layout = new TableLayout(
            [.. columns.Select(Head)],
            [.. _rows.Select(row => row.Select(cell => Cell(cell, forPeople: true)).ToArray())],
            [.. columns.Select((_, i) => _rows.All(row => row[i] is null or int or long))],
            GiveWay.Select(Head),
            terminal.Width);
        layout.Write(terminal.OutConsole());
        if (layout.Hidden.Count > 0)
        {
            terminal.WriteError($"Left out, for want of width: {string.Join(", ", layout.Hidden)}. A wider terminal or -o json shows all columns.");
        }
    }

    private static string Head(string column) => column.Replace('_', ' ');

    private string Json()
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Indented))
        {
            writer.WriteStartArray();
            foreach (var row in _rows)
            {
                writer.WriteStartObject();
                foreach (var (name, cell) in columns.Zip(row))
                {
                    writer.WritePropertyName(name);
                    JsonSerializer.Serialize(writer, cell is DateTimeOffset time ? Text(time) : cell);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        using var plain = new MemoryStream();
        using (var escaped = new PlainStream(plain)) escaped.Write(bytes.ToArray());

        return Encoding.UTF8.GetString(plain.ToArray());
    }

    private string Cell(object? cell, bool forPeople = false) => PlainText.Of(
        cell switch
        {
            DateTimeOffset time => Text(time),
            TimeSpan duration => forPeople ? TimeText.Readable(duration) : duration.ToString("c", CultureInfo.InvariantCulture),
            bool truth => truth ? "yes" : "no",
            _ => Convert.ToString(cell, CultureInfo.InvariantCulture) ?? "",
        },
        MostOfCell);

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}

/// <summary>How results are printed: the values of <c>--output</c>, and what a pipe gets without it.</summary>
internal enum OutputFormat
{
    /// <summary>A table with a head, as wide as the terminal, or as <c>COLUMNS</c> says, or 80.</summary>
    Table,

    /// <summary>A row a line, with tabs between the values and no head.</summary>
    Lines,

    /// <summary>One JSON array of objects.</summary>
    Json,
}
