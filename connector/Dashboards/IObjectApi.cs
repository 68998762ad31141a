using System.Text.Json.Nodes;

namespace ActivityConnector.Dashboards;

/// <summary>How one kind of object is looked up and imported.</summary>
internal interface IObjectApi
{
    /// <summary>Looks up which of the objects are there; writes nothing.</summary>
    Task<FoundObjects> FindAsync(IReadOnlyList<DeliveredObject> objects, CancellationToken cancellationToken);

    /// <summary>The object as it is sent: over the one that is there, of which it keeps what is not delivered.</summary>
    JsonObject LineOf(DeliveredObject delivered, FoundObjects found);

    /// <summary>Imports all that can be imported; the others are named with the reason.</summary>
    /// <param name="objects">Each with the line that is sent.</param>
    /// <param name="overwrite">Whether they replace what is there.</param>
    Task<ImportAnswer> ImportAsync(
        IReadOnlyList<(DeliveredObject Delivered, JsonObject Line)> objects, bool overwrite, CancellationToken cancellationToken);
}

/// <summary>An object that is there.</summary>
/// <param name="Id">Its own id: another than the delivered one where it is a copy.</param>
internal sealed record FoundObject(string Id, JsonObject Line, JsonObject Content);

/// <summary>What is there of the objects that were looked up.</summary>
/// <param name="Objects">By the key of the delivered object.</param>
internal sealed record FoundObjects(IReadOnlyDictionary<string, FoundObject> Objects)
{
    /// <summary>Why nothing could be looked up, with the fix; then nothing is imported.</summary>
    public string? Problem { get; init; }

    /// <summary>That the server has no such kind of object.</summary>
    public string? Unsupported { get; init; }

    public static FoundObjects Failed(string problem) => new(new Dictionary<string, FoundObject>()) { Problem = problem };
}

/// <summary>What the server said of an import.</summary>
/// <param name="Problems">By the key of the object: why it was not imported, with the fix.</param>
/// <param name="Notes">By the key of the object: what a person should know of one that was.</param>
/// <param name="Warnings">What the server warns of.</param>
internal sealed record ImportAnswer(
    IReadOnlyDictionary<string, string> Problems, IReadOnlyDictionary<string, string> Notes, IReadOnlyList<string> Warnings)
{
    /// <summary>None of the objects was imported.</summary>
    public static ImportAnswer Failed(IEnumerable<DeliveredObject> objects, string problem) =>
        new(objects.ToDictionary(o => o.Key, _ => problem), new Dictionary<string, string>(), []);
}
