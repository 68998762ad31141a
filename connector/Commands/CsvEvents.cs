using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ActivityConnector.Commands;

/// <summary>Events as CSV (RFC 4180). Values of an array stand in one cell with <c>; </c> between.</summary>
/// <remarks>
/// What people at the vendor wrote ends up in spreadsheets: a cell that a spreadsheet would take for a formula begins with an apostrophe.
/// </remarks>
internal sealed class CsvEvents(IReadOnlyList<string> fields)
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create("\",\r\n");

    private readonly StringBuilder _line = new();

    public static IReadOnlyList<string> DefaultFields { get; } =
    [
        "@timestamp", "event.dataset", "event.action", "event.category", "event.type", "event.outcome", "event.severity", "user.id",
        "user.email", "user.target.id", "user.target.email", "source.ip", "message", "organization.id", "event.id", "trace.id",
    ];

    public void WriteHeader(Stream output) => WriteLine(fields, output);

    public void Write(ReadOnlyMemory<byte> json, Stream output)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        WriteLine(fields.Select(field => root.TryGetProperty(field, out var value) ? Text(value) : ""), output);
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => string.Join("; ", value.EnumerateArray().Select(Text)),
        _ => value.GetRawText(),
    };

    private void WriteLine(IEnumerable<string> cells, Stream output)
    {
        _line.Clear();
        foreach (var cell in cells) _line.Append(_line.Length == 0 ? "" : ",").Append(Escape(cell));

        output.Write(Encoding.UTF8.GetBytes(_line.Append("\r\n").ToString()));
    }

    private static string Escape(string cell)
    {
        var safe = cell is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] && cell != "@timestamp" ? "'" + cell : cell;
        return safe.AsSpan().ContainsAny(Quoted) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
