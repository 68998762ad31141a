using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Sources.Sequence;

/// <summary>A Sequence source with a scripted vendor, a clock and its log.</summary>
public abstract class SequenceFixture
{
    protected static readonly DateTimeOffset Start = new(2026, 11, 21, 20, 0, 0, TimeSpan.Zero);

    internal ManualTimeProvider Clock { get; } = new(Start);

    internal LogLines Log { get; } = new();

    internal ScriptedVendor Vendor { get; }

    internal SequenceOptions Options { get; } = new() { ClientId = "client-id", ClientSecret = "client-secret" };

    protected SequenceFixture() => Vendor = new ScriptedVendor(Clock);

    internal SequenceSource NewSource() => new(Options, Vendor, Clock, new Random(1), Log);

    internal List<ReadBatch> Read(Checkpoint? from)
    {
        using var source = NewSource();
        var batches = ReadBatch.All(Clock, source.ReadAsync(from, default));
        Vendor.AssertDone();
        return batches;
    }

    internal (List<ReadBatch> Batches, T Error) ReadUntil<T>(Checkpoint? from)
        where T : Exception
    {
        using var source = NewSource();
        var result = ReadBatch.UntilFailure<T>(Clock, source.ReadAsync(from, default));
        Vendor.AssertDone();
        return result;
    }

    internal SourceIdentity Identify()
    {
        using var source = NewSource();
        return Clock.Run(() => source.IdentifyAsync(default).AsTask());
    }

    /// <summary>A record older than the hold-back.</summary>
    internal static string Old(string id, int minutesAgo = 60) => VendorJson.Item(id, Start.AddMinutes(-minutesAgo));

    /// <summary>A record that is younger.</summary>
    internal static string Young(string id) => VendorJson.Item(id, Start.AddMinutes(-1));
}
