namespace ActivityConnector.Configuration;

/// <summary>One value of a layer of the configuration.</summary>
/// <param name="Key">The option's full key, as it was written.</param>
/// <param name="Value">Null where an object or array is empty, or <c>null</c> was written.</param>
/// <param name="Origin">Where it was written, for people: <c>line 3 of /etc/connector.json</c>, <c>environment variable X</c>, <c>--set</c>.</param>
/// <param name="Folder">What a relative path in it starts from.</param>
internal sealed record LayerValue(string Key, string? Value, string Origin, string Folder);
