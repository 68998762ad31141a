using ActivityConnector.Simulation;
using ActivityConnector.Simulation.Intercom;
using ActivityConnector.Simulation.Sequence;
using ActivityConnector.Transforms;

namespace ActivityConnector.Benchmarks;

/// <summary>Mapped records of one simulated vendor, as many as are asked for, each with its own ids, people, addresses and times.</summary>
internal sealed class JournalEvents : IDisposable
{
    private static readonly DateTimeOffset First = new(2023, 11, 14, 22, 0, 0, TimeSpan.Zero);

    private readonly IRecordFactory _records;
    private readonly IActivityTransform _transform;
    private readonly EventBatch _batch = new();
    private readonly JsonText _text = new();
    private int _next;

    public JournalEvents(string source)
    {
        Source = source;
        _records = source == "intercom" ? new IntercomRecords(1, TieOrder.Scattered, 0) : new SequenceRecords(1, 0);
        _transform = MappingBenchmark.Sources().First(s => s.Name == source).Transform;
    }

    public string Source { get; }

    public DateTimeOffset Time => First.AddSeconds(_next * 5L);

    /// <summary>At least this many; they are valid until the next ones.</summary>
    public IReadOnlyList<EcsEvent> Next(int atLeast)
    {
        _batch.Clear();
        while (_batch.Events.Count < atLeast)
        {
            _text.Clear();
            _records.Write(_text, _records.Place(_next, Time));
            _transform.Transform(new(_text.Written, MappingBenchmark.ReceivedAt), _batch);
            _next++;
        }

        return _batch.Events;
    }

    public void Dispose()
    {
        _batch.Dispose();
        _text.Dispose();
    }
}
