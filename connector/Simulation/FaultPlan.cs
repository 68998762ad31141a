using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ActivityConnector.Simulation;

/// <summary>An answer a test wants instead of the simulator's own.</summary>
public sealed record ScriptedAnswer(int Status, string Body = "", string ContentType = "application/json")
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

/// <summary>What goes wrong with the next list requests of one vendor: first what is scripted, then what the rates draw. Thread-safe.</summary>
/// <remarks>
/// The n-th request meets the same fault for the same seed, whatever the clock does; a bad record belongs to what is asked for, as a vendor's does.
/// </remarks>
public sealed class FaultPlan
{
    private const int Purpose = 2001;

    private readonly Lock _gate = new();
    private readonly int _seed;
    private readonly Queue<Step> _script = new();
    private readonly HashSet<string> _failedOnce = [];
    private FaultSpec[] _specs;
    private long _requests;

    internal FaultPlan(int seed, IEnumerable<FaultSpec> specs) => (_seed, _specs) = (seed, [.. specs]);

    /// <summary>Replaces the rates; the script stays.</summary>
    public void Set(params IEnumerable<FaultSpec> specs)
    {
        lock (_gate)
        {
            _specs = [.. specs];
        }
    }

    /// <summary>Everything works from now on.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _specs = [];
            _script.Clear();
        }
    }

    /// <summary>The next <paramref name="count"/> list requests not yet scripted go wrong like this.</summary>
    public void Next(FaultKind kind, int count = 1) => Add(new Step(kind, null), count);

    /// <summary>The next <paramref name="count"/> list requests not yet scripted work.</summary>
    public void NextWork(int count = 1) => Add(default, count);

    /// <summary>The next list request not yet scripted gets this answer.</summary>
    public void NextAnswer(ScriptedAnswer answer) => Add(new Step(null, answer), 1);

    internal Step Draw(string request)
    {
        lock (_gate)
        {
            var number = _requests++;
            if (_script.TryDequeue(out var step))
                return step;

            var draw = new RandomStream(_seed, Purpose, number);
            foreach (var spec in _specs)
            {
                var hit = spec.Kind switch
                {
                    FaultKind.EveryPageOnce => _failedOnce.Add(request),
                    FaultKind.BadRecord => new RandomStream(_seed, Purpose, NumberOf(request)).Chance(spec.Rate),
                    _ => draw.Chance(spec.Rate),
                };
                if (hit)
                    return new Step(spec.Kind, null);
            }

            return default;
        }
    }

    /// <summary>The same in every process.</summary>
    private static long NumberOf(string request) => BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(request)));

    private void Add(Step step, int count)
    {
        lock (_gate)
        {
            for (var i = 0; i < count; i++)
                _script.Enqueue(step);
        }
    }

    internal readonly record struct Step(FaultKind? Kind, ScriptedAnswer? Answer);
}
