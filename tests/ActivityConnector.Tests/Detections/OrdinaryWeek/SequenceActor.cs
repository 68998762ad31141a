using ActivityConnector.Simulation.Sequence;

namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>Who acts in Sequence: a person, an API key or the product itself.</summary>
internal sealed record SequenceActor(string EntityType, Guid EntityId, string? Email, string Origin)
{
    /// <summary>The key of the program that reports usage.</summary>
    public static readonly SequenceActor Metering = new("API_KEY", Entity("API_KEY", 1), null, "API");

    /// <summary>The key of the program that makes and issues invoices.</summary>
    public static readonly SequenceActor Invoicing = new("API_KEY", Entity("API_KEY", 2), null, "API");

    public static readonly SequenceActor System = new("SYSTEM", Entity("SYSTEM", 1), null, "SYSTEM");

    public static readonly SequenceActor Integration = new("SYSTEM", Entity("SYSTEM", 2), null, "INTEGRATION");

    public static SequenceActor Of(Person person) => new("USER", Entity("USER", person.Number), person.Email, "DASHBOARD");

    /// <summary>The id of a business entity: the same for the same number of its kind.</summary>
    public static Guid Entity(string kind, int number) =>
        SequenceKey.ToId(1_700_000_000_000 + number, (ulong)kind.Sum(c => c * 7919L) * 0x9E3779B97F4AUL & SequenceKey.TieMask);
}
