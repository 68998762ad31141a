namespace ActivityConnector.Tests.Shared;

/// <summary>The host's clock, read so much later or earlier.</summary>
public sealed class ShiftedTimeProvider(TimeSpan by) : TimeProvider
{
    private long _by = by.Ticks;

    public TimeSpan By
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _by));
        set => Volatile.Write(ref _by, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + By;
}
