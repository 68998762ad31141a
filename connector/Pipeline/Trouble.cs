namespace ActivityConnector.Pipeline;

/// <summary>What went wrong, for the operator. Holds no secret and no value of a record.</summary>
/// <param name="At">When it was last seen, by the host's clock.</param>
/// <param name="Cause">One sentence.</param>
/// <param name="Fix">What the operator does about it or looks at, in one sentence.</param>
public sealed record Trouble(DateTimeOffset At, string Cause, string Fix);
