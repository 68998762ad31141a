namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>Which deeds a week has.</summary>
internal enum DeedRate
{
    /// <summary>Each once, as if a quarter of a year came in one week: every reason for which a rule may report in vain.</summary>
    EachOnce,

    /// <summary>Each as often as it comes in a year: most weeks have few of them.</summary>
    AsInAYear,
}
