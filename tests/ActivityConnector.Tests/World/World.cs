using System.Globalization;
using ActivityConnector.Journals.Sqlite;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.World;

/// <summary>
/// A vendor, a journal, a sink and the processes of a connector between them, all from one seed, on simulated time and on one thread: the
/// same seed gives the same history.
/// </summary>
internal sealed partial class World : IDisposable
{
    private static readonly DateTimeOffset Start = new(2027, 1, 10, 6, 0, 0, TimeSpan.Zero);

    private readonly Random _random;
    private readonly Random _crashes;
    private readonly History? _history;
    private readonly PlantedFault _planted;
    private readonly string? _folder;
    private readonly KafkaLog? _log;
    private readonly double _crashChance;
    private readonly double _latencyChance;
    private readonly double _journalTrouble;
    private readonly TimeSpan _retention;
    private readonly int _seed;
    private WorldProcess? _process;
    private WorldOptions _options;
    private bool _isCalm;
    private int _requestsBefore;
    private int _lives;

    private World(int seed, PlantedFault planted, bool isTold)
    {
        _seed = seed;
        _random = new Random(seed);
        _crashes = new Random(seed ^ 0x5eed);
        _planted = planted;
        _history = isTold ? new History(() => Now) : null;
        IsIntercom = seed % 2 == 0;
        Clock = new ManualTimeProvider(Start);
        if (seed / 2 % 2 == 0)
        {
            _folder = Directory.CreateTempSubdirectory("world-").FullName;
            if (Directory.Exists("/dev/shm"))
            {
                Directory.Delete(_folder);
                _folder = Directory.CreateDirectory(Path.Combine("/dev/shm", Path.GetFileName(_folder))).FullName;
            }
        }
        else
        {
            _log = new KafkaLog(new Random(seed + 7));
        }

        _crashChance = _random.OneOf(0, 0.001, 0.005, 0.02);
        _retention = _random.OneOf(TimeSpan.FromHours(1), TimeSpan.FromDays(30));
        _latencyChance = _random.OneOf(0, 0, 0.2);
        _journalTrouble = _random.OneOf(0, 0, 0.02);
        var overlap = IsIntercom ? TimeSpan.FromMinutes(15) : TimeSpan.FromMinutes(10);
        var habits = DrawHabits(overlap);
        Action<string>? tell = isTold ? Tell : null;
        Vendor = IsIntercom ? new GeneratedIntercom(new Random(seed + 1), habits, tell) : new GeneratedSequence(new Random(seed + 1), habits, tell);
        Oracle = new Oracle(Vendor, IsIntercom, () => Now) { Settle = IsIntercom ? TimeSpan.FromMinutes(1) : TimeSpan.Zero };
        _options = new WorldOptions
        {
            PageSize = DrawPageSize(),
            SweepRange = TimeSpan.FromDays(_random.OneOf(1, 3, 7)),
            MaxWindow = _random.OneOf(TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(5), TimeSpan.FromDays(30)),
            Concurrency = _random.OneOf(1, 2, 8),
            Account = _random.Is(0.5) ? "ws1" : null,
            StartAt = DrawStart(),
            Overlap = planted == PlantedFault.NoOverlap ? TimeSpan.Zero : overlap,
        };
        Tell($"seed {seed}: {(IsIntercom ? "Intercom" : "Sequence")}, {(_log is null ? "SQLite" : "Kafka")}, {_options}, {habits}");
    }

    public bool IsIntercom { get; }

    public ManualTimeProvider Clock { get; }

    public GeneratedVendor Vendor { get; }

    public Oracle Oracle { get; }

    public SinkStore Sink { get; } = new();

    /// <summary>The true time, whatever the host's clock shows.</summary>
    public DateTimeOffset Now => Start + TimeSpan.FromTicks(Clock.GetTimestamp());

    /// <summary>Lives a whole history.</summary>
    /// <param name="planted">A fault of the connector itself, which the world must find.</param>
    /// <param name="isTold">Whether the history is written down.</param>
    public static WorldEnd Live(int seed, PlantedFault planted = PlantedFault.None, bool isTold = false)
    {
        using var world = new World(seed, planted, isTold);
        try
        {
            world.Live();
        }
        catch (WorldEndedException)
        {
            // The oracle says why.
        }

        return new WorldEnd(seed, world.Oracle.Failure, world._history?.ToString())
        {
            Runs = world._runs,
            Crashes = world._deaths,
            Requests = world.Vendor.Requests,
            Commits = world.Oracle.Commits,
            Records = world.Vendor.Records.Count,
        };
    }

    public TimeSpan Latency() => _latencyChance > 0 && _random.Is(_latencyChance)
        ? _random.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(4))
        : TimeSpan.Zero;

    /// <summary>False when a run asks without bound.</summary>
    public bool MayAsk()
    {
        if (_rivalChance > 0 && !_isRival && !_isCalm && _random.Is(_rivalChance)) Rival();

        // A range that fails is halved until it is one second, once for each record that it fails for.
        var most = 2_000 + (100 * Vendor.Records.Count);
        if (Vendor.Requests - _requestsBefore < most) return true;

        Oracle.Fail($"one run has sent {most} requests and continues");
        return false;
    }

    public ILogger<T> Log<T>() => _history is null ? NullLogger<T>.Instance : new HistoryLogger<T>(_history);

    public void Dispose()
    {
        Kill();
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
    }

    private void Tell(string line) => _history?.Add(line);

    private WorldProcess Process()
    {
        if (_process is { Life.IsDead: false }) return _process;

        Kill();
        _lives++;
        var life = new Life(_crashes, () => _isCalm ? 0 : _crashChance, step =>
        {
            _deaths++;
            Tell($"the process dies at: {step}");
        });
        _process = NewProcess(life, Open());
        // The reader is there from the beginning, as in a host: from then on the journal keeps events for it.
        Drain();
        return _process.Life.IsDead ? Process() : _process;
    }

    private IJournal Open() => _log is not null
        ? new KafkaLogJournal(_log, Clock, _options.SweepRange + TimeSpan.FromHours(1))
        : Finish(SqliteJournal.OpenAsync(
            new JournalOptions { Path = Path.Combine(_folder!, "journal.db"), MaxBytes = 1L << 30, Retention = _retention },
            Clock,
            NullLogger<SqliteJournal>.Instance,
            default));

    private WorldProcess NewProcess(Life life, IJournal journal)
    {
        Oracle.SweepRange = _options.SweepRange;
        if (Oracle.Checkpoint is null)
        {
            Oracle.StartAt = _options.StartAt is { } start
                ? DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.Parse(start, CultureInfo.InvariantCulture).ToUnixTimeSeconds())
                : null;
        }

        Tell($"a process begins: {_options}");
        var forgets = _planted == PlantedFault.Forgetting ? 0.05 : 0;
        var mortal = new MortalJournal(journal, life, new Random(_seed + (1000 * _lives)), () => _isCalm ? 0 : _journalTrouble, forgets, Stored);
        return new WorldProcess(this, _options, life, journal, mortal, _seed + _lives);
    }

    private void Stored(JournalCommit commit, Checkpoint checkpoint)
    {
        var letters = commit.DeadLetters.Count > 0 ? $" dead letters {commit.DeadLetters.Count}" : "";
        Tell(
            $"    commit {checkpoint.Sequence}: [{string.Join(' ', commit.Events.Select(e => e.EventId))}]{letters} "
            + $"{checkpoint.Position} {checkpoint.Sweep} {string.Join(' ', checkpoint.OpenRanges)} known from {checkpoint.KnownFrom:s}");
        Oracle.Stored(commit, checkpoint);
    }

    private void Kill()
    {
        if (_process is { } process)
        {
            process.Life.End();
            process.Inner.DisposeAsync().AsTask().GetAwaiter().GetResult();
            _process = null;
        }
    }

    /// <summary>Moves the clock from timer to timer until the work is done; false when its process died before.</summary>
    private bool Drive(Task work, Life life, CancellationToken deadline = default)
    {
        while (!work.IsCompleted)
        {
            if (life.IsDead) return false;

            if (deadline.IsCancellationRequested)
            {
                // A delay that is cancelled ends on a thread of the pool, and what awaits it waits for no timer any more.
                ((IAsyncResult)work).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(10));
                continue;
            }

            var timer = Clock.NextTimerAsync(CancellationToken.None);
            if (!timer.IsCompleted)
            {
                Oracle.Fail("the connector waits, but not for the clock");
                throw new WorldEndedException();
            }

            Clock.Advance(timer.GetAwaiter().GetResult());
        }

        return !life.IsDead;
    }

    private static T Finish<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();

    private void ThrowIfFailed()
    {
        if (Oracle.Failure is not null) throw new WorldEndedException();
    }

    private sealed class HistoryLogger<T>(History history) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel,
            Microsoft.Extensions.Logging.EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                history.Add(string.Create(CultureInfo.InvariantCulture, $"      log {logLevel}: {formatter(state, exception)} {exception}"));
            }
        }
    }
}

/// <summary>A fault of the connector itself: a world that does not find it is blind.</summary>
public enum PlantedFault
{
    None,

    /// <summary>No read goes back behind the last one.</summary>
    NoOverlap,

    /// <summary>Now and then the journal does not know an event that it holds.</summary>
    Forgetting,
}

/// <summary>Something is wrong, and the world does not continue.</summary>
internal sealed class WorldEndedException : Exception;

/// <summary>How a world ended.</summary>
/// <param name="Failure">What must never be and was; null = nothing.</param>
/// <param name="History">Everything that happened, if it was written down.</param>
internal sealed record WorldEnd(int Seed, string? Failure, string? History)
{
    public int Runs { get; init; }

    public int Crashes { get; init; }

    public int Requests { get; init; }

    public int Commits { get; init; }

    public int Records { get; init; }
}
