using System.Globalization;
using System.Text;

namespace ActivityConnector.Simulation.Sequence;

/// <summary>A position after or before one row, good only for the sort order and the filters it was made for.</summary>
/// <param name="Created">The row's milliseconds.</param>
/// <param name="Tie">The row's place among those of its millisecond.</param>
/// <param name="Scope">Sort order, filters and generation of the cursors.</param>
internal readonly record struct Cursor(long Created, ulong Tie, string Scope)
{
    /// <summary>The opaque text: base64 of <c>id#scope</c>.</summary>
    public string Encode() =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{SequenceKey.ToId(Created, Tie)}#{Scope}")));

    /// <summary>Reads a cursor of this scope; null for anything else.</summary>
    public static Cursor? Decode(string text, string scope)
    {
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var written))
            return null;
        var plain = Encoding.UTF8.GetString(bytes, 0, written);
        if (plain.Length < 37 || plain[36] != '#' || plain[37..] != scope || !Guid.TryParseExact(plain.AsSpan(0, 36), "D", out var id))
            return null;
        var (created, tie) = SequenceKey.FromId(id);
        return new Cursor(created, tie, scope);
    }
}
