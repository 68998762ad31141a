using System.Runtime.InteropServices;

namespace ActivityConnector.Transforms;

/// <summary>Events that are written but for their digests, which are computed for many of them at once.</summary>
internal sealed class PendingEvents
{
    public const int HashDigits = 64;

    /// <summary>So many bytes keep every lane busy, and stay in the processor's cache.</summary>
    private const int EnoughBytes = 128 * 1024;

    private readonly List<Pending> _events = [];

    public Digests Digests { get; } = new(Digests.BestPath);

    public bool IsFull => Digests.Bytes >= EnoughBytes;

    /// <summary>Adds an event whose JSON has room for <c>event.hash</c>, with the numbers of its two digests.</summary>
    public void Add(EcsEvent e, int hashAt, int content, int id) => _events.Add(new(e, hashAt, content, id));

    /// <summary>Completes all events.</summary>
    public void Complete()
    {
        if (_events.Count == 0)
        {
            return;
        }

        Digests.Compute();
        foreach (var pending in _events)
        {
            var json = MemoryMarshal.AsMemory(pending.Event.Json).Span;
            Convert.TryToHexStringLower(Digests[pending.Content], json.Slice(pending.HashAt, HashDigits), out _);
            pending.Event.Identify(Digests[pending.Id]);
        }

        _events.Clear();
        Digests.Clear();
    }

    private readonly record struct Pending(EcsEvent Event, int HashAt, int Content, int Id);
}
