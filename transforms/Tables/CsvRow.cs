using System.Text;

namespace ActivityConnector.Transforms.Tables;

/// <summary>One row of a mapping table and where it stands, so that a mistake in it can be named.</summary>
internal sealed class CsvRow(int line, string[] columns, string[] cells)
{
    private static readonly string[] Outcomes = ["success", "failure", "unknown"];

    public string this[string column] => cells[Array.IndexOf(columns, column)];

    /// <summary>Splits RFC 4180 text: quotes around a cell, two quotes for one.</summary>
    /// <exception cref="FormatException">A quote is not closed, a column is missing, or a row has another number of cells.</exception>
    public static List<CsvRow> Parse(string csv, string[] columns)
    {
        ArgumentNullException.ThrowIfNull(csv);
        var rows = new List<CsvRow>();
        var (at, line, isHeader) = (csv.StartsWith('\uFEFF') ? 1 : 0, 1, true);
        while (at < csv.Length)
        {
            var start = line;
            var cells = ReadLine(csv, ref at, ref line);
            if (cells is [""]) continue;

            if (isHeader)
            {
                isHeader = false;
                if (!cells.SequenceEqual(columns))
                {
                    throw new FormatException($"line {start}: the header must be '{string.Join(',', columns)}'.");
                }
            }
            else if (cells.Count != columns.Length)
            {
                throw new FormatException($"line {start}: {cells.Count} columns instead of {columns.Length}; quote a cell that holds a comma.");
            }
            else
            {
                rows.Add(new(start, columns, [.. cells]));
            }
        }

        return isHeader ? throw new FormatException("line 1: the table is empty.") : rows;
    }

    public string Required(string column)
        => this[column].Length > 0 ? this[column] : throw Bad(column, "is empty");

    /// <summary>The column's <c>yes</c> or <c>no</c>.</summary>
    public bool Flag(string column) => this[column] switch
    {
        "yes" => true,
        "no" => false,
        var text => throw Bad(column, $"'{text}' is neither yes nor no"),
    };

    public int Number(string column, int min, int max)
        => int.TryParse(this[column], System.Globalization.NumberStyles.None, null, out var value) && value >= min && value <= max
            ? value
            : throw Bad(column, $"'{this[column]}' is no whole number from {min} to {max}");

    public string? Outcome()
        => this["event.outcome"] is not { Length: > 0 } outcome ? null
            : Outcomes.Contains(outcome) ? outcome : throw Bad("event.outcome", $"'{outcome}' is none of success, failure, unknown");

    /// <summary>The cell's values, which <c>|</c> divides; each must be allowed.</summary>
    public string[] Values(string column, Func<string, bool> isAllowed)
    {
        string[] values = this[column].Length == 0 ? [] : this[column].Split('|');
        var bad = values.FirstOrDefault(value => !isAllowed(value));
        return bad is null ? values : throw Bad(column, $"'{bad}' is no ECS value");
    }

    /// <summary>A pair of categories and types that ECS allows.</summary>
    public (string[] Categories, string[] Types) CategoriesAndTypes()
    {
        var categories = Values("event.category", EcsVocabulary.IsCategory);
        Required("event.type");
        var types = Values("event.type", EcsVocabulary.IsType);
        return EcsVocabulary.Problem(categories, types) is { } problem ? throw Bad("event.type", problem) : (categories, types);
    }

    public FormatException Bad(string column, string cause) => new($"line {line}, column {column}: {cause}.");

    private static List<string> ReadLine(string csv, ref int at, ref int line)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var (quoted, start) = (false, line);
        for (; at < csv.Length; at++)
        {
            var c = csv[at];
            if (c == '\n') line++;

            if (quoted)
            {
                if (c != '"')
                {
                    cell.Append(c);
                }
                else if (at + 1 < csv.Length && csv[at + 1] == '"')
                {
                    cell.Append('"');
                    at++;
                }
                else
                {
                    quoted = false;
                }
            }
            else if (c == '"' && cell.Length == 0)
            {
                quoted = true;
            }
            else if (c == ',')
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else if (c == '\n')
            {
                at++;
                break;
            }
            else if (c != '\r')
            {
                cell.Append(c);
            }
        }

        if (quoted) throw new FormatException($"line {start}, column {cells.Count + 1}: the quote is never closed.");

        cells.Add(cell.ToString());
        return cells;
    }
}
