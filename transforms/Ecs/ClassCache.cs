using System.Text;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>What was classified before, by the vendor's own words, so that no rule runs twice. Bounded: a full cache starts anew.</summary>
internal sealed class ClassCache<T>
    where T : ClassFields
{
    private const int MaxEntries = 1024;
    private const int MaxKeyBytes = 256;

    private readonly Dictionary<string, T> _classes = [];
    private readonly Dictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public ClassCache() => _lookup = _classes.GetAlternateLookup<ReadOnlySpan<char>>();

    public T? Find(ReadOnlySpan<byte> key)
    {
        if (key.Length > MaxKeyBytes) return null;

        Span<char> text = stackalloc char[MaxKeyBytes];
        return _lookup.TryGetValue(text[..Encoding.UTF8.GetChars(key, text)], out var found) ? found : null;
    }

    public void Add(ReadOnlySpan<byte> key, T fields)
    {
        if (key.Length > MaxKeyBytes) return;

        if (_classes.Count == MaxEntries) _classes.Clear();

        _classes[Encoding.UTF8.GetString(key)] = fields;
    }
}
