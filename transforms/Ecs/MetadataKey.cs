namespace ActivityConnector.Transforms.Ecs;

/// <summary>One key segment out of a path of free-form names: what is not a letter or digit becomes <c>_</c>, runs of it one. (Mapping 1.3.)</summary>
internal sealed class MetadataKey
{
    private byte[] _bytes = new byte[256];

    public int Length { get; set; }

    /// <summary>The segment so far; <c>_</c> when no letter or digit came.</summary>
    public ReadOnlySpan<byte> Value => Length == 0 ? "_"u8 : _bytes.AsSpan(0, Length);

    public void Join(ReadOnlySpan<byte> name)
    {
        if (_bytes.Length - Length <= name.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + name.Length + 1));

        var gap = Length > 0;
        var length = Length;
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
