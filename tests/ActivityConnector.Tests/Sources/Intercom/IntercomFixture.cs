using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Sources.Intercom;

/// <summary>An Intercom source with a vendor, scripted or with records of its own, a clock and its log.</summary>
public abstract class IntercomFixture
{
    protected static readonly DateTimeOffset Start = new(2026, 11, 21, 20, 0, 0, TimeSpan.Zero);

    internal ManualTimeProvider Clock { get; } = new(Start);

    internal LogLines Log { get; } = new();

    internal ScriptedVendor Vendor { get; }

    /// <summary>Answers instead of <see cref="Vendor"/> in the reads from the store.</summary>
    internal IntercomStore Store { get; }

    internal IntercomOptions Options { get; } = new() { AccessToken = "tok-secret" };

    protected IntercomFixture()
    {
        Vendor = new ScriptedVendor(Clock);
        Store = new IntercomStore(Clock);
    }

    /// <summary>Two hours before the present: one window reaches it.</summary>
    internal static Checkpoint TwoHoursAgo => Checkpoints.At(Start.AddHours(-2));

    internal static long Second(DateTimeOffset at) => at.ToUnixTimeSeconds();

    internal IntercomSource NewSource() => new(Options, Vendor, Clock, new Random(1), Log);

    internal IntercomSource NewSourceOfStore() => new(Options, Store, Clock, new Random(1), Log);

    internal List<ReadBatch> Read(Checkpoint? from)
    {
        using var source = NewSource();
        return Read(source, from);
    }

    internal List<ReadBatch> Read(IntercomSource source, Checkpoint? from)
    {
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

    internal List<ReadBatch> ReadStore(Checkpoint? from) => ReadBatch.All(Clock, NewSourceOfStore().ReadAsync(from, default));

    internal (List<ReadBatch> Batches, T Error) ReadStoreUntil<T>(Checkpoint? from)
        where T : Exception => ReadBatch.UntilFailure<T>(Clock, NewSourceOfStore().ReadAsync(from, default));

    internal static IEnumerable<string> Ids(IEnumerable<ReadBatch> batches) => batches.SelectMany(u => u.Ids);

    internal static string Rec(string id, int secondsAgo = 3600, string type = "app_name_change") => VendorJson.Log(id, Start.AddSeconds(-secondsAgo), type);
}
