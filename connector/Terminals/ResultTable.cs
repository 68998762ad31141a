using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace ActivityConnector.Terminals;

/// <summary>Rows for a person (a table), a pipe (values with tabs between) or a program (a JSON array of objects).</summary>
internal sealed class ResultTable(params string[] columns)
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<object?[]> _rows = [];

    /// <summary>The most characters of a cell for a person or a pipe; JSON has it whole.</summary>
    public int MostOfCell { get; init; } = 1_000;

    /// <summary>Adds a row; a cell is a text, a number, a truth value or null.</summary>
    public void Add(params object?[] cells) => _rows.Add(cells);

    public void Write(Terminal terminal, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            terminal.WriteData(Json());
        }
        else if (terminal.IsInteractive)
        {
            WriteTable(terminal.Out);
        }
        else
        {
            foreach (var row in _rows) terminal.Out.WriteLine(string.Join('\t', row.Select(Cell)));
        }
    }

    private void WriteTable(TextWriter output)
    {
        // Spectre finds out the width, the colours and NO_COLOR by itself.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column.Replace('_', ' '), new Style(decoration: Decoration.Bold))));
        }

        foreach (var row in _rows) table.AddRow(row.Select(cell => new Text(Cell(cell))));

        console.Write(table);
    }

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
                    JsonSerializer.Serialize(writer, cell);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        using var plain = new MemoryStream();
        using (var escaped = new PlainStream(plain)) escaped.Write(bytes.ToArray());

        return Encoding.UTF8.GetString(plain.ToArray());
    }

    private string Cell(object? cell) => PlainText.Of(string.Create(null, $"{cell switch
    {
        DateTimeOffset time => time.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture),
        bool truth => truth ? "yes" : "no",
        _ => cell,
    }}"), MostOfCell);
}

/// <summary>The values of <c>--output</c>.</summary>
internal enum OutputFormat
{
    Table,
    Json,
}
