using System.Text;
using System.Text.Json;
using ActivityConnector.Sources.Http;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary>Finds the records of another vendor than the one that was named: mapped, they would be events without content.</summary>
internal sealed class ForeignRecords(Vendor expected)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 514 };

    private readonly byte[][] _own = Utf8(expected.RecordMarks);
    private readonly List<(string Vendor, byte[][] Marks)> _others =
        [.. Vendor.All.Where(v => v.Name != expected.Name).Select(v => (v.Name, Utf8([.. v.RecordMarks, v.RecordsProperty])))];

    private string? _first;

    /// <summary>How many there were so far.</summary>
    public long Count { get; private set; }

    /// <summary>What to say at the end; null when there were none, or one that was told.</summary>
    public string? Summary => Count > 1 ? $"{Count} records of {_first} were left out." : null;

    /// <summary>Why the record is left out; null when it may be one of the expected vendor.</summary>
    public string? Trouble(RawRecord record)
    {
        if (VendorOf(record.Json.Span) is not { } other) return null;

        Count++;
        _first ??= other;
        return $"This is a record of {other}, and --source says {expected.Name}. It is left out; give --source {other}.";
    }

    /// <summary>The other vendor whose words the record has; null where it has one of its own vendor, or of none.</summary>
    private string? VendorOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;

        string? other = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            foreach (var mark in _own)
            {
                if (PageElement.IsText(ref reader, mark)) return null;
            }

            foreach (var (vendor, marks) in _others)
            {
                foreach (var mark in marks)
                {
                    if (PageElement.IsText(ref reader, mark)) other ??= vendor;
                }
            }

            reader.Skip();
        }

        return other;
    }

    private static byte[][] Utf8(IReadOnlyList<string> words) => [.. words.Select(Encoding.UTF8.GetBytes)];
}
