using System.Runtime.Intrinsics;

namespace ActivityConnector.Transforms;

/// <summary>One key segment out of a path of free-form names: what is not a letter or digit becomes <c>_</c>, runs of it one. (Mapping 1.3.)</summary>
internal sealed class MetadataKey
{
    private byte[] _bytes = new byte[256];

    public int Length { get; set; }

    /// <summary>The segment so far; <c>_</c> when no letter or digit came.</summary>
    public ReadOnlySpan<byte> Value => Length == 0 ? "_"u8 : _bytes.AsSpan(0, Length);

    /// <summary>Whether a name is a key segment as it stands: most are. Names longer than a vector are never looked at.</summary>
    public static bool IsKey(RecordTree record, Text name)
    {
        if (name.Length is 0 or > 32)
        {
            return false;
        }

        var v = record.First32(name);
        var letters = Vector256.LessThanOrEqual(v - Vector256.Create((byte)'a'), Vector256.Create((byte)25));
        var digits = Vector256.LessThanOrEqual(v - Vector256.Create((byte)'0'), Vector256.Create((byte)9));
        var gaps = Vector256.Equals(v, Vector256.Create((byte)'_'));
        var inside = uint.MaxValue >> (32 - name.Length);
        var gap = gaps.ExtractMostSignificantBits() & inside;
        var ends = 1u | (1u << (name.Length - 1));
        return ((letters | digits | gaps).ExtractMostSignificantBits() & inside) == inside && (gap & ((gap << 1) | ends)) == 0;
    }

    /// <param name="name">Any text.</param>
    /// <param name="isKey">What <see cref="IsKey"/> says of it; false if nobody asked.</param>
    public void Join(ReadOnlySpan<byte> name, bool isKey = false)
    {
        if (_bytes.Length - Length <= name.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + name.Length + 1));
        }

        var gap = Length > 0;
        var length = Length;
        if (isKey)
        {
            _bytes[length] = (byte)'_';
            length += gap ? 1 : 0;
            name.CopyTo(_bytes.AsSpan(length));
            Length = length + name.Length;
            return;
        }

        foreach (var b in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)b))
            {
                gap = length > 0;
                continue;
            }

            if (gap)
            {
                _bytes[length++] = (byte)'_';
                gap = false;
            }

            _bytes[length++] = b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b | 0x20) : b;
        }

        Length = length;
    }
}
