using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.Sources;

/// <summary>Checkpoints as a collector would have committed them.</summary>
internal static class Checkpoints
{
    public static Checkpoint Of(SourcePosition position) => new()
    {
        Source = new SourceKey(position is WindowPosition ? "intercom" : "sequence", "acct"),
        Sequence = 1,
        CommittedAt = DateTimeOffset.UnixEpoch,
        Writer = new CheckpointWriter("0", "test"),
        Window = position as WindowPosition,
        Cursor = position as CursorPosition,
    };

    /// <summary>Everything up to <paramref name="watermark"/> has been walked.</summary>
    public static Checkpoint At(DateTimeOffset watermark, long span = 432_000) => Of(new WindowPosition
    {
        Watermark = watermark.ToUnixTimeSeconds(),
        SpanSeconds = span,
        LookbackSeconds = 900,
        SettleSeconds = 60,
        BackfillFrom = 1_600_000_000,
    });

    public static Checkpoint After(string? cursor, params string[] fallbacks) => Of(new CursorPosition
    {
        After = cursor,
        Days = [.. fallbacks.Select(f => new DayCursor(f, 0, 0))],
        Limit = 100,
    });
}
