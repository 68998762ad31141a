using System.Text;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Intercom;
using ActivityConnector.Transforms.Sequence;

namespace ActivityConnector.Tests.Golden;

/// <summary>Both transforms with the settings of the specification's worked examples, and the shipped tables.</summary>
internal static class Vendors
{
    public static readonly DateTimeOffset ReceivedAt = new(2026, 11, 21, 19, 40, 0, TimeSpan.Zero);

    private static readonly AgentIdentity Agent = new("6f0c1c1e-9a53-4d0b-8d47-0f1f3f7b1a11", "siem-etl-01", "1.0.0");

    private static readonly IntercomTable Types = IntercomTable.Parse(TableText("intercom"));
    private static readonly SequenceTable Rows = SequenceTable.Parse(TableText("sequence"));

    public static string TableText(string vendor) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "config", "mappings", vendor + "-ecs.csv"));

    public static EventSettings Settings(string vendor) => vendor == "intercom"
        ? new() { ServiceAddress = "https://api.intercom.io", OrganizationId = "xyz789", OrganizationName = "ACME", Agent = Agent }
        : new() { ServiceAddress = "https://eu.sequencehq.com", Agent = Agent };

    public static IActivityTransform Transform(string vendor, EventSettings settings) => vendor == "intercom"
        ? new IntercomTransform(Types, settings)
        : new SequenceTransform(Rows, settings);

    public static void Run(this IActivityTransform transform, string record, DateTimeOffset receivedAt, EventBatch output) =>
        transform.Transform(new RawActivity(Encoding.UTF8.GetBytes(record), receivedAt), output);
}
