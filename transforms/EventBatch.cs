using System.Buffers;

namespace ActivityConnector.Transforms;

/// <summary>The events of one unit, their JSON in a few large rented buffers instead of an array each.</summary>
/// <remarks>Not thread-safe. Clearing or disposing it ends the life of every <see cref="EcsEvent.Json"/> it made.</remarks>
public sealed class EventBatch : IDisposable
{
    private const int ChunkBytes = 256 * 1024;

    private readonly List<EcsEvent> _events = [];
    private readonly List<byte[]> _chunks = [];
    private int _chunk = -1;
    private int _used;

    public IReadOnlyList<EcsEvent> Events => _events;

    /// <summary>Bytes of JSON held now.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds an event whose <see cref="EcsEvent.Json"/> came from <see cref="Keep"/>.</summary>
    public void Add(EcsEvent e) => _events.Add(e);

    /// <summary>Copies finished JSON into the batch.</summary>
    public ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> json)
    {
        json.CopyTo(Room(json.Length, out var at).AsSpan(at));
        return Take(json.Length);
    }

    /// <summary>Where the next JSON may be written, and from what place on; <see cref="Take"/> what was written there.</summary>
    internal byte[] Room(int atLeast, out int at)
    {
        if (_chunk < 0 || _chunks[_chunk].Length - _used < atLeast)
        {
            NextChunk(atLeast);
        }

        at = _used;
        return _chunks[_chunk];
    }

    internal ReadOnlyMemory<byte> Take(int bytes)
    {
        var memory = _chunks[_chunk].AsMemory(_used, bytes);
        _used += bytes;
        Bytes += bytes;
        return memory;
    }

    /// <summary>Forgets every event and keeps the buffers for the next unit.</summary>
    public void Clear()
    {
        _events.Clear();
        _chunk = -1;
        _used = 0;
        Bytes = 0;
    }

    public void Dispose()
    {
        Clear();
        foreach (var chunk in _chunks)
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }

        _chunks.Clear();
    }

    private void NextChunk(int atLeast)
    {
        _chunk++;
        _used = 0;
        if (_chunk < _chunks.Count && _chunks[_chunk].Length >= atLeast)
        {
            return;
        }

        var rented = ArrayPool<byte>.Shared.Rent(Math.Max(ChunkBytes, atLeast));
        _chunks.Insert(_chunk, rented);
    }
}
