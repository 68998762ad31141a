namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>What was done to which entity, one item of a log.</summary>
internal readonly record struct SequenceItem(string Verb, string Entity, int Number, string? Reason = null);
