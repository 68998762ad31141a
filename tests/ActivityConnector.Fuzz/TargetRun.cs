using System.Security.Cryptography;
using ActivityConnector.Tests.Fuzz;

namespace ActivityConnector.Fuzz;

/// <summary>The inputs of one target, and what came of them. An input that takes a branch as no other did is kept, and more are made of it.</summary>
internal sealed class TargetRun(FuzzTarget target, Random random, Watch watch)
{
    /// <summary>For one input.</summary>
    private const long MostAllocated = 256 << 20;

    private readonly Mutator _mutator = new(random);
    private readonly List<byte[]> _inputs = [];
    private readonly byte[] _seen = CoverageMap.NewSeen();
    private readonly HashSet<string> _known = [];

    public string Name => target.Name;

    public long Executions { get; private set; }

    public TimeSpan Elapsed { get; private set; }

    public long MaxAllocated { get; private set; }

    public int Inputs => _inputs.Count;

    public int Branches => CoverageMap.Branches(_seen);

    /// <summary>What went wrong: each kind once.</summary>
    public List<(byte[] Input, Exception Problem)> Findings { get; } = [];

    /// <summary>Every input of the corpus.</summary>
    public void Replay()
    {
        foreach (var (_, input) in Corpus.Of(target.Name))
        {
            if (Run(input) || _inputs.Count == 0) _inputs.Add(input);
        }

        if (_inputs.Count == 0) _inputs.Add([]);
    }

    public void RunFor(TimeSpan time)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < time)
        {
            var input = _mutator.Mutate(Any(), Any());
            if (Run(input)) _inputs.Add(input);
        }

        Elapsed += TimeProvider.System.GetElapsedTime(start);
    }

    /// <summary>A few small inputs that together take every branch that was taken.</summary>
    public IReadOnlyList<byte[]> Smallest()
    {
        var seen = CoverageMap.NewSeen();
        var chosen = new List<byte[]>();
        foreach (var input in _inputs.OrderBy(i => i.Length))
        {
            Run(input);
            if (CoverageMap.AddTo(seen, onlyBranches: true)) chosen.Add(input);
        }

        return chosen;
    }

    /// <summary>The newest ones more often.</summary>
    private byte[] Any() => _inputs[random.Next(4) == 0 ? random.Next(Math.Max(0, _inputs.Count - 20), _inputs.Count) : random.Next(_inputs.Count)];

    private bool Run(byte[] input)
    {
        Executions++;
        CoverageMap.Clear();
        watch.Begin(target.Name, input);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.ReadAsync(input).GetAwaiter().GetResult();
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            MaxAllocated = Math.Max(MaxAllocated, allocated);
            if (allocated > MostAllocated) throw new InsufficientMemoryException($"{input.Length} bytes of input took {allocated} bytes of memory.");
        }
        catch (Exception e)
        {
            if (_known.Add(KindOf(e))) Findings.Add((input, e));
        }
        finally
        {
            watch.End();
        }

        return CoverageMap.AddTo(_seen);
    }

    /// <summary>The type and the first places of the product that the exception passed.</summary>
    private static string KindOf(Exception e) => string.Join(
        '|',
        (e.StackTrace ?? "").Split('\n').Where(line => line.Contains("ActivityConnector", StringComparison.Ordinal)).Take(3).Prepend(e.GetType().Name));

    public static string NameOf(byte[] input) => Convert.ToHexStringLower(SHA256.HashData(input))[..12];
}
