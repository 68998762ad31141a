using System.Text.Json;
using ActivityConnector.Transforms;
using FsCheck;
using FsCheck.Fluent;

namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>Runs one property over generated records. The seed is fixed, and FsCheck prints it with the record that fails.</summary>
internal static class Property
{
    private const ulong Seed = 20261121;
    private const ulong Gamma = 20261123;

    /// <summary>For the events of each record.</summary>
    public static void HoldsForEvents(string vendor, Action<Sample, IReadOnlyList<EcsEvent>> check)
    {
        var transform = Vendors.Transform(vendor, Vendors.Settings(vendor));
        using var batch = new EventBatch();
        Holds(vendor, sample =>
        {
            batch.Clear();
            transform.Run(sample.Json, Vendors.ReceivedAt, batch);
            check(sample, batch.Events);
        });
    }

    /// <summary>For each field of each event.</summary>
    public static void HoldsForFields(string vendor, Action<string, JsonElement> check) => HoldsForEvents(vendor, (_, events) =>
    {
        foreach (var e in events)
        {
            using var json = JsonDocument.Parse(e.Json);
            foreach (var member in json.RootElement.EnumerateObject())
                check(member.Name, member.Value);
        }
    });

    public static void Holds(string vendor, Action<Sample> check) => Prop.ForAll(Records.Of(vendor).ToArbitrary(), check)
        .Check(Config.QuickThrowOnFailure.WithMaxTest(400).WithReplay(Seed, Gamma));
}
