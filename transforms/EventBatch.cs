using System.Buffers;

namespace ActivityConnector.Transforms;

/// <summary>The events of one batch of records, their JSON in a few large rented buffers instead of an array each.</summary>
/// <remarks>Not thread-safe. Clearing or disposing it ends the life of every <see cref="EcsEvent.Json"/> it made.</remarks>
public sealed class EventBatch : IDisposable
{
    private const int ChunkBytes = 256 * 1024;

    private readonly List<EcsEvent> _events = [];
    private readonly List<byte[]> _chunks = [];
    private int _chunk = -1;
    private int _used;

    public IReadOnlyList<EcsEvent> Events => _events;

    /// <summary>Adds an event whose <see cref="EcsEvent.Json"/> came from <see cref="Keep"/>.</summary>
    public void Add(EcsEvent e) => _events.Add(e);

    /// <summary>Copies finished JSON into the batch.</summary>
    public ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> json)
    {
        if (_chunk < 0 || _chunks[_chunk].Length - _used < json.Length) NextChunk(json.Length);

        var kept = _chunks[_chunk].AsMemory(_used, json.Length);
        json.CopyTo(kept.Span);
        _used += json.Length;
        return kept;
    }

    /// <summary>Forgets every event and keeps the buffers for the next batch.</summary>
    public void Clear()
    {
        _events.Clear();
        _chunk = -1;
        _used = 0;
    }

    public void Dispose()
    {
        Clear();
        foreach (var chunk in _chunks) ArrayPool<byte>.Shared.Return(chunk);

        _chunks.Clear();
    }

    private void NextChunk(int atLeast)
    {
        _chunk++;
        _used = 0;
        if (_chunk < _chunks.Count && _chunks[_chunk].Length >= atLeast) return;

        var rented = ArrayPool<byte>.Shared.Rent(Math.Max(ChunkBytes, atLeast));
        _chunks.Insert(_chunk, rented);
    }
}
