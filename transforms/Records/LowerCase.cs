using System.Buffers;
using System.Text;

namespace ActivityConnector.Transforms.Records;

/// <summary>Text in lower case, by the invariant culture.</summary>
internal static class LowerCase
{
    private static readonly SearchValues<byte> Lower = SearchValues.Create([.. Enumerable.Range(0, 128).Where(b => b is < 'A' or > 'Z').Select(b => (byte)b)]);

    public static Text Of(RecordTree record, Text text)
        => record[text].ContainsAnyExcept(Lower) ? record.Append(Encoding.UTF8.GetString(record[text]).ToLowerInvariant()) : text;
}
