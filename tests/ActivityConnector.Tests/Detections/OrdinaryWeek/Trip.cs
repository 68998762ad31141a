namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>A person's journey to another country, from one day to another, both included.</summary>
internal sealed record Trip(Person Person, int FirstDay, int LastDay, string Country, string Network);
