using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Sinks.Elasticsearch;

/// <summary>A clock that jumps over every wait of the code under test, and keeps count of them. How long a request may take is real time.</summary>
internal sealed class JumpingTime : TimeProvider
{
    /// <summary>The times that a bulk, a question to a node that was down, and an address of a host may take.</summary>
    private static readonly TimeSpan[] Patience = [TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(250)];

    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _waits = [];
    private TimeSpan _jumped;

    /// <summary>What was waited for so far.</summary>
    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (_gate)
            {
                return [.. _waits];
            }
        }
    }

    /// <summary>Called before each jump.</summary>
    public Action<TimeSpan> BeforeJump { get; set; } = _ => { };

    /// <summary>How far the wall clock is ahead; nothing else sees it.</summary>
    public TimeSpan Ahead { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return Some.Start + TimeSpan.FromDays(1) + _jumped + Ahead;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _jumped.Ticks;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (Patience.Contains(dueTime) || dueTime < TimeSpan.Zero) return System.CreateTimer(callback, state, dueTime, period);

        BeforeJump(dueTime);
        lock (_gate)
        {
            _jumped += dueTime;
            _waits.Add(dueTime);
        }

        return System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
