namespace ActivityConnector.Pipeline;

/// <summary>The stored text of a <see cref="Checkpoint"/>.</summary>
public static class CheckpointText;
