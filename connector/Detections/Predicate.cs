namespace ActivityConnector.Detections;

/// <summary>What a rule asks of one event. A field with several values meets a test when one of them does, as in an index.</summary>
/// <remarks>Immutable.</remarks>
internal abstract record Predicate
{
    /// <summary>The tests in it, from left to right.</summary>
    public abstract IEnumerable<FieldTest> Tests { get; }

    public abstract bool Matches(EventValues e);
}

internal sealed record AllOf(IReadOnlyList<Predicate> Parts) : Predicate
{
    public override IEnumerable<FieldTest> Tests => Parts.SelectMany(p => p.Tests);

    public override bool Matches(EventValues e) => Parts.All(p => p.Matches(e));
}

internal sealed record AnyOf(IReadOnlyList<Predicate> Parts) : Predicate
{
    public override IEnumerable<FieldTest> Tests => Parts.SelectMany(p => p.Tests);

    public override bool Matches(EventValues e) => Parts.Any(p => p.Matches(e));
}

internal sealed record Not(Predicate Part) : Predicate
{
    public override IEnumerable<FieldTest> Tests => Part.Tests;

    public override bool Matches(EventValues e) => !Part.Matches(e);
}
