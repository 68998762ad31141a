using Spectre.Console;
using Spectre.Console.Rendering;

namespace ActivityConnector.Terminals;

/// <summary>
/// Rows as a person reads them in a terminal of a given width. No line is wider than the terminal, and neither a cell that is one word (a time, an
/// id, a number) nor any other word of up to <see cref="MostOfWord"/> characters is broken. Where the columns do not fit beside each other, those
/// that may give way are left out, the least important first. Where that is not enough, each row becomes a block with a line a column. A column
/// without a value is not shown.
/// </summary>
/// <remarks>Only a word that is longer than the terminal is wide is broken.</remarks>
internal sealed class TableLayout
{
    /// <summary>The length of an event's id, which is the longest of what must stay whole to be copied.</summary>
    public const int MostOfWord = 40;

    /// <summary>What a text of several words needs at least to be read.</summary>
    private const int LeastOfText = 16;

    /// <summary>Between two columns.</summary>
    private const int Gap = 2;

    private readonly List<Column> _columns;
    private readonly int _rows;
    private readonly int _width;

    /// <param name="names">The heads of the columns.</param>
    /// <param name="rows">The cells, each a plain text in one line.</param>
    /// <param name="numbers">Of each column whether it holds numbers, which are aligned at their ends.</param>
    /// <param name="giveWay">The names of the columns that may be left out, the least important first.</param>
    public TableLayout(IReadOnlyList<string> names, IReadOnlyList<string[]> rows, IReadOnlyList<bool> numbers, IEnumerable<string> giveWay, int width)
    {
        _width = width;
        _rows = rows.Count;
        List<Column> all = [.. names.Select((name, i) => new Column(name, [.. rows.Select(row => row[i])], numbers[i], width)).Where(c => !c.IsEmpty)];
        _columns = [.. all];
        foreach (var name in giveWay)
        {
            if (Fits(_columns)) break;

            if (_columns.RemoveAll(column => column.Name == name) > 0) Hidden = [.. Hidden, name];
        }

        if (Fits(_columns)) return;

        // A block has room for all of them.
        (IsBlocks, Hidden, _columns) = (true, [], all);
    }

    /// <summary>The columns that are left out.</summary>
    public IReadOnlyList<string> Hidden { get; private set; } = [];

    /// <summary>Whether each row is a block of lines.</summary>
    public bool IsBlocks { get; }

    /// <summary>The lines.</summary>
    /// <param name="console">As wide as was said.</param>
    public void Write(IAnsiConsole console)
    {
        if (IsBlocks)
        {
            WriteBlocks(console);
        }
        else
        {
            WriteTable(console);
        }
    }

    private bool Fits(List<Column> columns) => columns.Sum(column => column.Least) + Gaps(columns) <= _width;

    private static int Gaps(List<Column> columns) => (columns.Count - 1) * Gap;

    private void WriteTable(IAnsiConsole console)
    {
        var widths = Widths();
        var table = new Table { Border = TableBorder.None };
        foreach (var (column, width) in _columns.Zip(widths))
        {
            table.AddColumn(new TableColumn(column.Head)
            {
                Width = width,
                Padding = new Padding(0, 0, column == _columns[^1] ? 0 : Gap, 0),
                Alignment = column.IsNumbers ? Justify.Right : Justify.Left,
            });
        }

        table.AddRow(widths.Select(width => new Text(new string('─', width))));
        for (var row = 0; row < _rows; row++) table.AddRow(_columns.Select(column => new Text(column.Cells[row])));

        console.Write(table);
    }

    /// <summary>Each column gets what it needs, and those that can use more share the rest evenly.</summary>
    private int[] Widths()
    {
        var widths = _columns.Select(column => column.Least).ToArray();
        for (var rest = _width - Gaps(_columns) - widths.Sum(); rest > 0;)
        {
            var wanting = Enumerable.Range(0, widths.Length).Where(i => widths[i] < _columns[i].Most).ToList();
            if (wanting.Count == 0) break;

            foreach (var i in wanting.Take(rest))
            {
                widths[i]++;
                rest--;
            }
        }

        return widths;
    }

    private void WriteBlocks(IAnsiConsole console)
    {
        var label = _columns.Max(column => column.Name.Length) + Gap;
        for (var row = 0; row < _rows; row++)
        {
            if (row > 0) console.WriteLine();

            foreach (var column in _columns)
            {
                var cell = column.Cells[row];
                if (cell.Length == 0) continue;

                if (label + LeastWidth(cell, _width) > _width)
                {
                    console.Write(column.Head);
                    console.WriteLine();
                    console.Write(new Text(cell));
                    console.WriteLine();
                    continue;
                }

                var line = new Grid();
                line.AddColumn(new GridColumn { Width = label, Padding = new Padding(0), NoWrap = true });
                line.AddColumn(new GridColumn { Width = Math.Max(1, Math.Min(_width - label, CellCount(cell))), Padding = new Padding(0) });
                line.AddRow(column.Head, new Text(cell));
                console.Write(line);
            }
        }
    }

    /// <summary>What the cell needs so that no word is broken that must not be.</summary>
    private static int LeastWidth(string cell, int width)
    {
        string[] words = cell.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words is [var only]) return CellCount(only) is var length && length <= width ? length : MostOfWord;

        return Math.Max(words.Select(word => Math.Min(CellCount(word), MostOfWord)).DefaultIfEmpty(0).Max(), Math.Min(CellCount(cell), LeastOfText));
    }

    private static int CellCount(string text) => new Segment(text).CellCount();

    private sealed class Column(string name, IReadOnlyList<string> cells, bool isNumbers, int width)
    {
        public string Name { get; } = name;

        public IReadOnlyList<string> Cells { get; } = cells;

        public bool IsNumbers { get; } = isNumbers;

        /// <summary>Whether it has nothing to show.</summary>
        public bool IsEmpty { get; } = cells.All(cell => cell.Length == 0);

        public Text Head { get; } = new(name, new Style(decoration: Decoration.Bold));

        /// <summary>The fewest characters in which it can stand.</summary>
        public int Least { get; } = cells.Select(cell => LeastWidth(cell, width)).Append(name.Length).Max();

        /// <summary>The most that it can use.</summary>
        public int Most { get; } = cells.Select(CellCount).Append(name.Length).Max();
    }
}
