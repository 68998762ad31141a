namespace ActivityConnector.Terminals;

/// <summary>How a command writes what is not a result.</summary>
/// <param name="IsJson">Each line is a JSON object of ECS fields, see <see cref="EcsLine"/>.</param>
/// <param name="Least">The least level that is written; null = the command's own.</param>
internal sealed record LogSettings(bool IsJson = false, LogLevel? Least = null);
