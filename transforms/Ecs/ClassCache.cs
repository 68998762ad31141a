namespace ActivityConnector.Transforms;

/// <summary>What was classified before, by the vendor's own words, so that no rule runs twice. Bounded: a full cache starts anew.</summary>
internal sealed class ClassCache
{
    private const int MaxEntries = 1024;
    private const int MaxKeyBytes = 256;

    private readonly Dictionary<byte[], ClassFields> _classes;
    private readonly Dictionary<byte[], ClassFields>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    public ClassCache()
    {
        _classes = new(new BytesComparer());
        _lookup = _classes.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public ClassFields? Find(ReadOnlySpan<byte> key) => _lookup.TryGetValue(key, out var found) ? found : null;

    public void Add(ReadOnlySpan<byte> key, ClassFields fields)
    {
        if (key.Length > MaxKeyBytes)
        {
            return;
        }

        if (_classes.Count == MaxEntries)
        {
            _classes.Clear();
        }

        _lookup[key] = fields;
    }

    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)TextHash.Of(alternate);
    }
}
