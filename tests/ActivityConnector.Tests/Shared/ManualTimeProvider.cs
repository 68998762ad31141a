namespace ActivityConnector.Tests.Shared;

/// <summary>A clock that moves only when a test moves it; timers fire inside <see cref="Advance"/>, in their order. Thread-safe.</summary>
public sealed class ManualTimeProvider(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _wall = start;
    private long _elapsedTicks;
    private TaskCompletionSource _timerSet = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ManualTimeProvider()
        : this(new DateTimeOffset(2026, 11, 21, 20, 0, 0, TimeSpan.Zero))
    {
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _wall;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _elapsedTicks;
        }
    }

    /// <summary>Moves both clocks on, firing every timer that falls due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        long target;
        lock (_gate)
        {
            target = _elapsedTicks + by.Ticks;
        }

        while (true)
        {
            ManualTimer? due;
            lock (_gate)
            {
                due = _timers.Where(t => t.DueTicks <= target).MinBy(t => t.DueTicks);
                var to = due?.DueTicks ?? target;
                if (to > _elapsedTicks)
                {
                    _wall += TimeSpan.FromTicks(to - _elapsedTicks);
                    _elapsedTicks = to;
                }

                due?.Reschedule();
            }

            if (due is null) return;

            due.Fire();
        }
    }

    /// <summary>Sets the wall clock alone, as an operator or NTP would; timers and timestamps do not see it.</summary>
    public void SetWallClock(DateTimeOffset to)
    {
        lock (_gate)
        {
            _wall = to;
        }
    }

    /// <summary>Completes as soon as a timer is waiting: the code under test has reached its delay.</summary>
    public async Task<TimeSpan> NextTimerAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task set;
            lock (_gate)
            {
                if (_timers.Where(t => t.DueTicks < long.MaxValue).MinBy(t => t.DueTicks) is { } next)
                {
                    return TimeSpan.FromTicks(next.DueTicks - _elapsedTicks);
                }

                set = _timerSet.Task;
            }

            await set.WaitAsync(cancellationToken);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private long _periodTicks = -1;

        public long DueTicks { get; private set; } = long.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var now = false;
            lock (clock._gate)
            {
                _periodTicks = period == Timeout.InfiniteTimeSpan ? -1 : period.Ticks;
                if (dueTime == Timeout.InfiniteTimeSpan)
                {
                    DueTicks = long.MaxValue;
                    clock._timers.Remove(this);
                    return true;
                }

                now = dueTime <= TimeSpan.Zero;
                DueTicks = clock._elapsedTicks + dueTime.Ticks;
                if (!clock._timers.Contains(this)) clock._timers.Add(this);

                if (now) Reschedule();

                clock._timerSet.TrySetResult();
                clock._timerSet = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (now) Fire();

            return true;
        }

        /// <summary>Called under the gate when the timer is about to fire.</summary>
        public void Reschedule()
        {
            if (_periodTicks > 0)
            {
                DueTicks += _periodTicks;
            }
            else
            {
                DueTicks = long.MaxValue;
                clock._timers.Remove(this);
            }
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock._gate)
            {
                DueTicks = long.MaxValue;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
