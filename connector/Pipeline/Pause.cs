using System.Text.Json.Serialization;

namespace ActivityConnector.Pipeline;

/// <summary>An operator's wish that a source is not read for now. It is a part of the checkpoint, so it outlives a restart.</summary>
/// <param name="By">Who asked for it, as they said.</param>
/// <param name="Since">When, by the host's clock.</param>
public sealed record Pause(
    [property: JsonPropertyName("by")] string By,
    [property: JsonPropertyName("since")] DateTimeOffset Since);
