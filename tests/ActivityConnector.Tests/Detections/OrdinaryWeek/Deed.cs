namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>What a person did (or what befell the company) that a detection rule may report, and why it was ordinary.</summary>
/// <param name="Who">The e-mail address that the events carry; null where the events have no actor or many.</param>
/// <param name="Actions">The <c>event.action</c> of each kind of event that belongs to it.</param>
/// <param name="Address">The address that many people shared, where that is the point.</param>
/// <param name="HitsEach">Whether it is the reason for what each of many people did.</param>
internal sealed record Deed(
    string Vendor,
    DateTimeOffset From,
    DateTimeOffset Until,
    string? Who,
    IReadOnlyList<string> Actions,
    string Why,
    string? Address = null,
    bool HitsEach = false);
