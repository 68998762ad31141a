using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActivityConnector.Terminals;
using CsvHelper;
using CsvHelper.Configuration;

namespace ActivityConnector.Commands;

/// <summary>
/// Events as CSV (RFC 4180), for a spreadsheet: an event is a line, whatever its values have in them. Values of an array stand in one cell with
/// <c>; </c> between.
/// </summary>
/// <remarks>
/// What people at the vendor wrote ends up in front of other people. What a spreadsheet would take for a formula gets an apostrophe before it, at
/// the beginning of a cell, after white space and after each semicolon, which some countries' spreadsheets split at. Control characters are
/// escaped, and a cell is cut at what a spreadsheet takes.
/// </remarks>
internal sealed partial class CsvEvents : IDisposable
{
    /// <summary>The most characters of a cell in Excel and LibreOffice.</summary>
    private const int MostOfCell = 32_767;

    private const string CutMark = "… [cut]";

    private readonly IReadOnlyList<string> _fields;
    private readonly CsvWriter _csv;

    /// <param name="output">Written to by <see cref="Flush"/>, and not closed.</param>
    /// <param name="byteOrderMark">Whether the first bytes say that it is UTF-8, which Excel does not know otherwise.</param>
    public CsvEvents(IReadOnlyList<string> fields, Stream output, bool byteOrderMark)
    {
        _fields = fields;
        _csv = new CsvWriter(
            new StreamWriter(output, new UTF8Encoding(byteOrderMark), leaveOpen: true),
            new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\r\n", ShouldQuote = args => NeedsQuotes().IsMatch(args.Field ?? "") });
    }

    public static IReadOnlyList<string> DefaultFields { get; } =
    [
        "@timestamp", "event.dataset", "event.action", "event.category", "event.type", "event.outcome", "event.severity", "user.id",
        "user.email", "user.target.id", "user.target.email", "source.ip", "message", "organization.id", "event.id", "trace.id",
    ];

    public void WriteHeader()
    {
        foreach (var field in _fields) _csv.WriteField(field == "@timestamp" ? field : Cell(field));

        _csv.NextRecord();
    }

    public void Write(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        foreach (var field in _fields)
        {
            var isThere = root.TryGetProperty(field, out var value);
            _csv.WriteField(!isThere ? "" : value.ValueKind == JsonValueKind.Number ? value.GetRawText() : Cell(Text(value)));
        }

        _csv.NextRecord();
    }

    public void Flush() => _csv.Flush();

    public void Dispose() => _csv.Dispose();

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => string.Join("; ", value.EnumerateArray().Select(Text)),
        JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };

    private static string Cell(string text)
    {
        // Before it is escaped: then a tab is no longer one.
        var cell = PlainText.Of(Formula().Replace(text, "$1'"), int.MaxValue);
        if (cell.Length <= MostOfCell) return cell;

        var most = MostOfCell - CutMark.Length;
        return cell[..(char.IsHighSurrogate(cell[most - 1]) ? most - 1 : most)] + CutMark;
    }

    /// <summary>In front of what begins a formula, in full width too.</summary>
    [GeneratedRegex(@"((?:^|;)[\s\p{Cc}\p{Cf}]*)(?=[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20])|(^(?=[\t\r]))")]
    private static partial Regex Formula();

    [GeneratedRegex("[\",;\\r\\n\\t]|^\\s|\\s$")]
    private static partial Regex NeedsQuotes();
}
