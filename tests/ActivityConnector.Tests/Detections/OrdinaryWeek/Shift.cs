namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>A person's hours of one day, and the address from which they work.</summary>
internal readonly record struct Shift(DateTimeOffset Start, DateTimeOffset End, string Address);
