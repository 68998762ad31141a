namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>A generated record and what its events must hold of it.</summary>
/// <param name="Json">The record's JSON text.</param>
/// <param name="Originals">The <c>event.original</c> of each event, or null where the record is too odd to say.</param>
public sealed record Sample(string Json, IReadOnlyList<string>? Originals)
{
    public override string ToString() => Json;
}
